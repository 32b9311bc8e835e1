#include <string.h>

#include "heap/fold.h"
#include "heap/lines.h"

/* Their code calls no malloc of the program's on the program's behalf. */
static const char *const allocator_module[] = {
	"libjemalloc", "libtcmalloc", "libmimalloc", "libheaptrack_preload",
	"libheaptrack_inject", "vgpreload_", "libc_malloc_debug", "libasan",
	"liblsan", "libclang_rt.asan", "libclang_rt.lsan", "libhoard",
	"libsnmalloc", "libbytehound", "libmemusage", "libprofiler",
	"liballocprof", "verifier.dll", "vrfcore.dll",
};

static const char *const allocator_function[] = {
	"malloc", "calloc", "realloc", "reallocarray", "memalign",
	"aligned_alloc", "posix_memalign", "valloc", "pvalloc", "free", "cfree",
	"_Znwm", "_Znwj", "_Znam", "_Znaj", "_int_malloc", "_int_realloc",
	"malloc_hook_ini", "runtime.mallocgc", "runtime.newobject",
	"runtime.makeslice", "runtime.makeslicecopy", "runtime.growslice",
	"runtime.newarray", "runtime.makechan", "runtime.makemap_small",
	"fallbackNewImpl",
};

static const char *const allocator_prefix[] = {
	"operator new", "__interceptor_", "__asan_", "__libc_malloc",
	"__libc_calloc", "__libc_realloc", "__libc_memalign", "_ZnwmRK",
	"_ZnamRK", "_ZnwmSt", "_ZnamSt", "je_", "jemalloc_", "prof_backtrace",
	"prof_alloc_prep", "imalloc", "imallocx", "tc_malloc", "tc_new",
	"tc_calloc", "tc_realloc", "tc_memalign", "tcmalloc::", "mi_malloc",
	"mi_calloc", "mi_realloc", "mi_zalloc", "_mi_", "do_malloc",
	"(anonymous namespace)::do_malloc", "heaptrack_", "dlmalloc",
	"RtlAllocateHeap", "RtlpAllocateHeap", "RtlReAllocateHeap",
	"ntdll!Rtl", "ntdll!RtlAllocateHeap", "replace_operator_new",
};

static enum fold_kind
by_module(struct span module)
{
	for (size_t i = 0; i < sizeof(allocator_module) /
	    sizeof(allocator_module[0]); i++)
		if (span_begins(module, allocator_module[i]))
			return FOLD_ALLOCATOR;
	return FOLD_CODE;
}

enum fold_kind
fold_kind(struct span frame)
{
	ptrdiff_t off = span_find(frame, "+0x");
	struct span s = frame;
	const char *slash;

	if (off >= 0) {
		s.n = (size_t)off;
		while ((slash = memchr(s.s, '/', s.n)) != NULL) {
			s.n -= (size_t)(slash + 1 - s.s);
			s.s = slash + 1;
		}
		return by_module(s);
	}
	for (size_t i = 0; i < sizeof(allocator_function) /
	    sizeof(allocator_function[0]); i++)
		if (span_is(s, allocator_function[i]))
			return FOLD_ALLOCATOR;
	for (size_t i = 0; i < sizeof(allocator_prefix) /
	    sizeof(allocator_prefix[0]); i++)
		if (span_begins(s, allocator_prefix[i]))
			return FOLD_ALLOCATOR;
	return FOLD_CODE;
}

/* The length of the block that ends the frames and follows itself, or 0. */
static size_t
square(const uint32_t *f, size_t n)
{
	for (size_t k = 1; k <= FOLD_PERIOD && 2 * k <= n; k++)
		if (f[n - 1] == f[n - 1 - k] && memcmp(f + n - k,
		    f + n - 2 * k, k * sizeof(f[0])) == 0)
			return k;
	return 0;
}

/* Only a frame that was there before can end a block that follows itself. */
size_t
fold_recursion(uint32_t *f, size_t depth)
{
	uint64_t seen[16] = { 0 };	/* a bit for each 1024th number */
	size_t n = 0;

	for (size_t i = 0; i < depth; i++) {
		uint64_t *word = &seen[f[i] >> 6 & 15];
		uint64_t bit = UINT64_C(1) << (f[i] & 63);

		f[n++] = f[i];
		if (*word & bit)
			n -= square(f, n);
		*word |= bit;
	}
	return n;
}
