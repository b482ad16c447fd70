/* spawn FILE COMMAND...: runs the command and writes its processor seconds and its peak
 * memory in bytes to FILE. A program forked by a large one counts that one's memory as
 * its own peak; this one is small. Exits as the command does. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int status = 0;
	FILE *file;
	pid_t child;

	if (argc < 3 || (child = fork()) < 0)
		return 127;
	if (!child) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (wait4(child, &status, 0, &usage) < 0 || !(file = fopen(argv[1], "w")))
		return 127;
	fprintf(file, "%f %ld\n", seconds(usage.ru_utime) + seconds(usage.ru_stime),
		usage.ru_maxrss * 1024);
	if (fclose(file))
		return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
