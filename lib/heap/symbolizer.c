#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <gelf.h>
#include <libiberty/demangle.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "heap/symbolizer.h"

#define INLINES 64	/* at one address; the compiler makes far fewer */

struct function {
	uint64_t start, size;	/* in the file's own addresses */
	const char *name;	/* libdwfl's */
	unsigned char binding;
};

struct binary {
	const struct symbolizer_options *options;
	Dwfl *dwfl;
	Dwfl_Module *module;
	GElf_Addr bias;		/* libdwfl's addresses less the file's */
	VEC(struct function) function;	/* by start, one an address */
	VEC(GElf_Phdr) segment;	/* PT_LOAD */
	char *debug_path;
	Dwfl_Callbacks callbacks;
};

static char *
real_path(const struct symbolizer_options *o, const char *path)
{
	const char *rest = path, *root = o->sysroot != NULL ? o->sysroot : "";
	const char *to = "";
	struct buf b = { 0 };
	char *s;

	for (size_t i = 0; i < o->npath; i++) {
		size_t n = strlen(o->path_from[i]);

		if (strncmp(path, o->path_from[i], n) == 0) {
			to = o->path_to[i];
			rest = path + n;
			break;
		}
	}
	buf_str(&b, root);
	buf_str(&b, to);
	buf_str(&b, rest);
	s = mem_copy(b.s, b.n);
	buf_free(&b);
	return s;
}

static int
leading_underscores(const char *s)
{
	return (int)strspn(s, "_");
}

/*
 * One name for an address, the same whichever table it comes from: the plainest
 * first (strdup before __strdup), then global, weak, local, then the shorter.
 */
static int
by_start(const void *a, const void *b)
{
	const struct function *x = a, *y = b;
	int d;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if ((d = leading_underscores(x->name) -
	    leading_underscores(y->name)) != 0)
		return d;
	if (x->binding != y->binding) {
		static const int order[16] = { [STB_LOCAL] = 2,
			[STB_GLOBAL] = 0, [STB_WEAK] = 1 };

		return order[x->binding & 15] - order[y->binding & 15];
	}
	d = (int)strlen(x->name) - (int)strlen(y->name);
	return d != 0 ? d : strcmp(x->name, y->name);
}

static void
read_functions(struct binary *b)
{
	int n = dwfl_module_getsymtab(b->module);
	size_t kept = 0;

	for (int i = 0; i < n; i++) {
		GElf_Sym sym;
		GElf_Addr addr;
		GElf_Word section;
		const char *name = dwfl_module_getsym_info(b->module, i, &sym,
		    &addr, &section, NULL, NULL);
		int type = GELF_ST_TYPE(sym.st_info);

		if (name == NULL || *name == '\0' || sym.st_size == 0 ||
		    sym.st_shndx == SHN_UNDEF ||
		    (type != STT_FUNC && type != STT_GNU_IFUNC))
			continue;
		vec_push(&b->function, (struct function){ addr - b->bias,
		    sym.st_size, name, GELF_ST_BIND(sym.st_info) });
	}
	if (b->function.n == 0)
		return;
	qsort(b->function.v, b->function.n, sizeof(b->function.v[0]),
	    by_start);
	for (size_t i = 0; i < b->function.n; i++)
		if (kept == 0 ||
		    b->function.v[kept - 1].start != b->function.v[i].start)
			b->function.v[kept++] = b->function.v[i];
	b->function.n = kept;
}

static void
read_segments(struct binary *b)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(b->module, &bias);
	size_t n = 0;
	GElf_Phdr p;

	b->bias = bias;
	if (elf == NULL || elf_getphdrnum(elf, &n) != 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (gelf_getphdr(elf, (int)i, &p) != NULL &&
		    p.p_type == PT_LOAD)
			vec_push(&b->segment, p);
}

/* Does the file have the build-id that the dump says? */
static bool
same_build(struct binary *b, const char *want)
{
	const unsigned char *id;
	GElf_Addr at;
	int n = dwfl_module_build_id(b->module, &id, &at);

	if (want == NULL || *want == '\0' || n <= 0)
		return true;
	if (strlen(want) != 2 * (size_t)n)
		return strlen(want) != 40;	/* not an ELF build-id at all */
	for (int i = 0; i < n; i++) {
		static const char hex[] = "0123456789abcdef";

		if ((want[2 * i] | 0x20) != (hex[id[i] >> 4] | 0x20) ||
		    (want[2 * i + 1] | 0x20) != (hex[id[i] & 15] | 0x20))
			return false;
	}
	return true;
}

static bool
report(struct binary *b, const char *path, const char *build_id,
    struct buf *why)
{
	char *file = real_path(b->options, path);
	bool ok = access(file, R_OK) == 0;

	if (!ok) {
		buf_printf(why, "%s: %s", file, strerror(errno));
	} else {
		dwfl_report_begin(b->dwfl);
		b->module = dwfl_report_offline(b->dwfl, file, file, -1);
		dwfl_report_end(b->dwfl, NULL, NULL);
		ok = b->module != NULL;
		if (!ok)
			buf_printf(why, "%s: %s", file, dwfl_errmsg(-1));
	}
	if (ok && !same_build(b, build_id)) {
		buf_printf(why, "%s: another build than the dump's (build-id)",
		    file);
		ok = false;
	}
	free(file);
	return ok;
}

struct binary *
binary_open(const struct symbolizer_options *o, const char *path,
    const char *build_id, struct buf *why)
{
	struct binary *b = mem_new(1, sizeof(*b));

	b->options = o;
	b->debug_path = o->debug_path == NULL ? NULL :
	    mem_copy(o->debug_path, strlen(o->debug_path));
	b->callbacks = (Dwfl_Callbacks){
	    .find_elf = dwfl_build_id_find_elf,
	    .find_debuginfo = dwfl_standard_find_debuginfo,
	    .section_address = dwfl_offline_section_address,
	    .debuginfo_path = &b->debug_path };
	b->dwfl = dwfl_begin(&b->callbacks);
	if (b->dwfl == NULL || !report(b, path, build_id, why)) {
		binary_close(b);
		return NULL;
	}
	read_segments(b);
	read_functions(b);
	return b;
}

void
binary_close(struct binary *b)
{
	if (b == NULL)
		return;
	if (b->dwfl != NULL)
		dwfl_end(b->dwfl);
	vec_free(&b->function);
	vec_free(&b->segment);
	free(b->debug_path);
	free(b);
}

/* An offset in the file to its address when loaded at 0; code first. */
static uint64_t
address_of(const struct binary *b, uint64_t offset)
{
	for (int code = 1; code >= 0; code--)
		for (size_t i = 0; i < b->segment.n; i++) {
			const GElf_Phdr *p = &b->segment.v[i];
			uint64_t page = p->p_offset & ~UINT64_C(0xfff);

			if (((p->p_flags & PF_X) != 0) == code &&
			    offset >= page &&
			    offset < p->p_offset + p->p_filesz)
				return offset - p->p_offset + p->p_vaddr;
		}
	return offset;
}

static const struct function *
function_at(const struct binary *b, uint64_t addr)
{
	size_t lo = 0, hi = b->function.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (b->function.v[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	/* One may lie inside another: look back a little. */
	for (size_t i = 0; i < 8 && i < lo; i++) {
		const struct function *f = &b->function.v[lo - 1 - i];

		if (addr - f->start < f->size)
			return f;
	}
	return NULL;
}

/* GCC's and LLVM's marks on copies of a function, which a rebuild moves. */
static size_t
plain_length(const char *name)
{
	static const char *const mark[] = { ".constprop", ".isra", ".part",
		".cold", ".lto_priv", ".llvm.", ".localalias", "@" };
	size_t n = strlen(name);

	for (size_t i = 0; i < sizeof(mark) / sizeof(mark[0]); i++) {
		const char *at = strstr(name, mark[i]);

		if (at != NULL && at > name && (size_t)(at - name) < n)
			n = (size_t)(at - name);
	}
	return n;
}

static void
put_name(const struct binary *b, const char *name, struct buf *out)
{
	char *plain = mem_copy(name, plain_length(name)), *clear = NULL;
	size_t from = out->n;

	if (!b->options->mangled)
		clear = cplus_demangle(plain, DMGL_PARAMS | DMGL_ANSI |
		    DMGL_AUTO);
	buf_str(out, clear != NULL ? clear : plain);
	for (; from < out->n; from++)
		if (out->s[from] == ';' || (unsigned char)out->s[from] < ' ')
			out->s[from] = '_';
	free(clear);
	free(plain);
}

static const char *
die_name(Dwarf_Die *die)
{
	Dwarf_Attribute a;
	const char *name;

	if (dwarf_attr_integrate(die, DW_AT_linkage_name, &a) != NULL ||
	    dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &a) != NULL)
		if ((name = dwarf_formstring(&a)) != NULL)
			return name;
	return dwarf_diename(die);
}

/*
 * What was inlined at the address, innermost first, and last the function that
 * it all is in.  Returns how many.
 */
static size_t
inlines_at(struct binary *b, uint64_t addr, const char *name[INLINES])
{
	Dwarf_Addr bias;
	Dwarf_Die *unit = dwfl_module_addrdie(b->module, addr + b->bias, &bias);
	Dwarf_Die *scope = NULL, *outer = NULL;
	size_t n = 0;
	int k;

	if (unit == NULL || dwarf_getscopes(unit, addr + b->bias - bias,
	    &scope) <= 0) {
		free(scope);
		return 0;
	}
	/* The scopes by address end at an inlined function's origin; those of
	 * the innermost one go on to what it was inlined into. */
	k = dwarf_getscopes_die(&scope[0], &outer);
	for (int i = 0; i < k && n < INLINES; i++) {
		int tag = dwarf_tag(&outer[i]);

		if (tag != DW_TAG_inlined_subroutine &&
		    tag != DW_TAG_subprogram)
			continue;
		if ((name[n] = die_name(&outer[i])) != NULL)
			n++;
		if (tag == DW_TAG_subprogram)
			break;
	}
	free(scope);
	free(outer);
	return n;
}

bool
binary_name(struct binary *b, uint64_t offset, struct buf *out)
{
	uint64_t addr = address_of(b, offset);
	const struct function *f = function_at(b, addr);
	const char *name[INLINES];
	size_t n = b->options->no_inlines && f != NULL ? 0 :
	    inlines_at(b, addr, name), from = out->n;

	/* The symbol's name where there is one: DWARF may not be installed
	 * everywhere, and then the same function had two names. */
	if (f != NULL)
		put_name(b, f->name, out);
	else if (n > 0)
		put_name(b, name[n - 1], out);
	for (size_t i = n; i > 1 && !b->options->no_inlines; i--) {
		buf_char(out, ';');
		put_name(b, name[i - 2], out);
	}
	return out->n > from;
}
