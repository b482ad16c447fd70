#include "cli/command.h"

#include <stddef.h>

int main(int argc, char **argv)
{
	return cli_main(argc, argv, NULL);
}
