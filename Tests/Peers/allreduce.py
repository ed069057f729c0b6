"""The sum over ranks of 25 MiB by gloo. One line of JSON.

    torchrun --nproc_per_node 2 allreduce.py
"""
import json
import statistics
import time

import torch
import torch.distributed as distributed

torch.set_num_threads(1)
distributed.init_process_group("gloo")
values = torch.ones(25 * 2**20 // 4)
milliseconds = []
for _ in range(22):
    distributed.barrier()
    start = time.perf_counter()
    distributed.all_reduce(values)
    milliseconds.append(1000 * (time.perf_counter() - start))
if distributed.get_rank() == 0:
    print(json.dumps({"peer": "gloo", "ranks": distributed.get_world_size(),
                      "allreduce_25mib_ms": statistics.median(milliseconds[2:])}))
distributed.destroy_process_group()
