#ifndef MACHINE_PEAK_X86_LOOPS_H
#define MACHINE_PEAK_X86_LOOPS_H

#include <stddef.h>

// Twelve sums in flight hide the latency of two units. Assembly, so that a debug build measures the same.
#define SUMS 12

void turn_avx2_fp32(size_t turns);
void turn_avx2_int8(size_t turns);
void turn_avx_vnni(size_t turns);
void turn_avx512_fp32(size_t turns);
void turn_avx512_bf16(size_t turns);
void turn_avx512_vnni(size_t turns);
void turn_amx_bf16(size_t turns);
void turn_amx_int8(size_t turns);

#endif
