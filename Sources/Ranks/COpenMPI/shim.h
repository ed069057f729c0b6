// Only CMPI includes <mpi.h>: its constants are cast macros that Swift cannot import. This target brings the flags.
