// Any processor of the architecture.
#include "CKernels.h"
#include "levels.h"

#define LEVEL_TABLE mmk_table_baseline
#include "families/table.inc"
