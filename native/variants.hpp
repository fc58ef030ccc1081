// The engine of each instruction set that was compiled in; see variant.cpp.
#pragma once

#include "engine.hpp"

namespace pellucid {

#if defined(PELLUCID_HAS_AVX512)
extern const Variant variant_avx512;
#endif
#if defined(PELLUCID_HAS_AVX2)
extern const Variant variant_avx2;
#endif
#if defined(PELLUCID_HAS_NEON)
extern const Variant variant_neon;
#endif

}  // namespace pellucid
