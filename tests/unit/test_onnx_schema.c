#include "onnx/schema.h"

#include "onnx/tensor.h"

#include <criterion/criterion.h>
#include <string.h>

Test(schema, newest_version_not_above_the_opset)
{
	cr_expect_eq(schema_find("Relu", 13)->since, 13);
	cr_expect_eq(schema_find("Relu", 12)->since, 6);
	cr_expect_eq(schema_find("Relu", 1000)->since, 14);
	cr_expect_null(schema_find("LayerNormalization", 16));
	cr_expect_null(schema_find("NoSuchOperator", 21));
	cr_expect_null(schema_find("", 21));
	cr_expect_str_eq(schema_find("Xor", 28)->op_type, "Xor");
	cr_expect_str_eq(schema_find("Abs", 28)->op_type, "Abs");
	cr_expect_eq(schema_newest_opset(), 28);
}

Test(schema, versions)
{
	cr_expect_eq(schema_first_since("LayerNormalization"), 17);
	cr_expect_eq(schema_first_since("NoSuchOperator"), 0);
	cr_expect(schema_changes("Softmax", 13));
	cr_expect_not(schema_changes("Softmax", 12));
	cr_expect_not(schema_changes("Softmax", 14));
	cr_expect(schema_find("Upsample", 10)->deprecated);
	cr_expect_not(schema_find("Upsample", 9)->deprecated);
}

Test(schema, formal_names)
{
	const struct schema *conv = schema_find("Conv", 21);
	const struct schema *concat = schema_find("Concat", 21);

	cr_expect_str_eq(schema_input_at(conv, 0)->name, "X");
	cr_expect_str_eq(schema_input_at(conv, 1)->name, "W");
	cr_expect_str_eq(schema_input_at(conv, 2)->name, "B");
	cr_expect_null(schema_input_at(conv, 3));
	cr_expect_str_eq(schema_output_at(conv, 0)->name, "Y");
	cr_expect_eq(schema_input_at(conv, 2)->arity, SCHEMA_OPTIONAL);
	cr_expect_str_eq(schema_input_at(concat, 7)->name, "inputs");
	cr_expect_null(schema_input_at(NULL, 0));
	cr_expect_str_eq(
		schema_input_at(schema_find("Reshape", 21), 1)->type, "tensor(int64)");
}

Test(schema, element_type_rules)
{
	const struct schema *norm = schema_find("LayerNormalization", 17);
	const struct schema *pool = schema_find("MaxPool", 12);

	cr_expect_eq(schema_find("Cast", 13)->outputs[0].rule, SCHEMA_TYPE_NOTES);
	cr_expect_eq(norm->outputs[0].rule, SCHEMA_TYPE_INPUT);
	cr_expect_eq(norm->outputs[2].rule, SCHEMA_TYPE_NOTES);
	cr_expect_eq(pool->outputs[0].rule, SCHEMA_TYPE_INPUT);
	cr_expect_eq(pool->outputs[1].rule, SCHEMA_TYPE_FIXED);
	cr_expect_eq(pool->outputs[1].value, ELEMENT_INT64);
	cr_expect_eq(schema_find("Where", 16)->outputs[0].value, 1);
	cr_expect(strstr(schema_find("Gemm", 13)->attributes, "transB:INT"));
}
