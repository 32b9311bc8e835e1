# make             build everything into build/
# make demo        install what is missing, build, and find a real leak, twice:
#                  in a recording, and in processes that go on running
# make demo-live   the first one as it happens, for RECORD=600 seconds, as root
# make check       install what is missing, build, and run every test
# make check-san   the tests under AddressSanitizer and UBSan
# make lint        manual pages, shell, C
# make fuzz        SECONDS=20 of each parser under libFuzzer
# make bench       beside wc, mawk, datamash, Miller, sqlite3, DuckDB
# make eval        the leak detectors on generated fleets; DATA=DIR: on real series
# make eval-gandalf  rollouts over a simulated fleet, beside three other judges
# make eval-gray  gray failures of ZooKeeper and Redis made for real, as root
# make eval-loop   the whole loop on a simulated fleet, against doing without
# make install     PREFIX=/usr/local DESTDIR=
# make deps        the Debian packages, all of them listed here:

DEPS_BUILD = \
	gcc \
	make \
	libc6-dev \
	libcsv-dev \
	libpcre2-dev \
	zlib1g-dev \
	libzstd-dev \
	libjansson-dev \
	libdw-dev \
	libiberty-dev \
	libsqlite3-dev
DEPS_TEST = \
	bats \
	bats-assert \
	bats-support \
	binutils \
	clang \
	clang-tidy \
	coccinelle \
	datamash \
	debootstrap \
	dpkg-dev \
	g++ \
	gawk \
	iproute2 \
	jq \
	libclang-rt-dev \
	libgoogle-perftools4 \
	libxml2-utils \
	mandoc \
	mawk \
	openssl \
	parallel \
	mosquitto \
	mosquitto-clients \
	procps \
	shellcheck \
	sqlite3 \
	systemd-container \
	zstd
# What bench measures with and beside.
DEPS_BENCH = time datamash mawk miller sqlite3
# For one test each, which is skipped without:
DEPS_BROWSER = \
	chromium \
	fonts-dejavu-core
DEPS_JVM = openjdk-17-jdk-headless
DEPS_HEAPTRACK = heaptrack gdb
# What runs in the demo is under a heap profiler.
DEPS_DEMO = libgoogle-perftools4
# For recording alone; Debian starts a service of the first two.
DEPS_LIVE  = redis-server memcached nodejs python3 binutils
# For eval-gray alone.
DEPS_GRAY  = zookeeper redis-server redis-sentinel python3-kazoo \
	     python3-redis nginx libnginx-mod-stream iproute2 e2fsprogs

CC       = cc
CFLAGS   = -O2 -g
WARN     = -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes \
	   -Wmissing-prototypes -Wvla -Werror
HARDEN   = -fstack-protector-strong -D_FORTIFY_SOURCE=2
SAN      =
PREFIX   = /usr/local
B        = build

CPPFLAGS = -std=c11 -D_GNU_SOURCE -Ilib
LDLIBS   = -Wl,--as-needed -lcsv -lz -lzstd -lpcre2-8 -ljansson -lsqlite3 -ldw \
	   -lelf -liberty -lpthread -lm
TOOLS    = $(basename $(notdir $(wildcard cmd/*.c)))
BINS     = $(TOOLS:%=$B/bin/%)
LIBOBJ   = $(patsubst %.c,$B/%.o,$(wildcard lib/*/*.c))

TESTBINS = $(patsubst %.c,$B/%,$(wildcard tests/*.c tests/hook/*.c))

RULES    = $(wildcard lib/pano/rules/*.rules)

all: $(BINS) $(RULES:lib/pano/rules/%=$B/share/resin/rules/%) $B/lib/libpanorun.so

# Of make eval; a few tests use them.
EVALBINS = $(addprefix $B/tests/eval/,fleet inject baselines)

testbins: all $(TESTBINS) $(EVALBINS) $B/tests/demo/shop

$B/bin/%: $B/cmd/%.o $B/libresin.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# What pano-run(1) preloads: nothing of ours but the ring is in it.
$B/lib/libpanorun.so: $(wildcard lib/pano/preload/*.[ch]) lib/pano/ring.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(WARN) $(HARDEN) $(CFLAGS) -U_FORTIFY_SOURCE -fPIC -shared \
	    -fvisibility=hidden -Wl,-z,nodelete -o $@ $(filter %.c,$^) -ldl

# pano-observe finds rules by name in ../share/resin/rules.
$B/share/resin/rules/%: lib/pano/rules/%
	@mkdir -p $(@D)
	install -m 644 $< $@

# Programs of the tests' own: generators, references, drivers.
$B/tests/%: $B/tests/%.o $B/libresin.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $(filter %.o,$^) \
	    $B/libresin.a $(LDLIBS)

# The models that two evaluations share.
$B/tests/eval/fleet $B/tests/eval/inject $B/tests/loop/loop: \
    $B/tests/fleet/models.o
$B/tests/eval/inject $B/tests/eval/baselines: $B/tests/eval/telemetry.o

$B/libresin.a: $(LIBOBJ)
	rm -f $@ && $(AR) rc $@ $^

$B/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(WARN) $(HARDEN) $(CFLAGS) $(SAN) -MMD -MP -c -o $@ $<

# Under a profiler, so never under a sanitizer.
$B/tests/demo/shop: tests/demo/shop.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(WARN) -O2 -g -o $@ $<

check: deps optional
	@$(MAKE) -s -j"$$(nproc)" testbins
	@BIN=$(CURDIR)/$B/bin tests/run.sh $(BATS)

check-san:
	$(MAKE) check B=build-san CFLAGS='-O1 -g -fno-omit-frame-pointer' \
	    HARDEN= SAN='-fsanitize=address,undefined -fno-sanitize-recover=all'

FUZZ    = $(patsubst tests/%.c,$B/tests/%,$(wildcard tests/fuzz/*.c))
SECONDS = 20

# ROWS=20000000 for the figures of tests/bench/RESULTS.md.
bench: all $B/tests/bench/gen
	@tests/deps.sh $(DEPS_BENCH)
	@BIN=$(CURDIR)/$B/bin tests/bench/run.sh $(ROWS) $(RUNS)

fuzz:
	$(MAKE) fuzzers B=build-fuzz CC=clang CFLAGS='-O1 -g' HARDEN= \
	    SAN='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all'
	tests/fuzz.sh $(SECONDS) $(FUZZ:$B/%=build-fuzz/%)

fuzzers: $(FUZZ)
$(FUZZ): LDFLAGS += -fsanitize=fuzzer

# SEEDS=..., HOSTS=40 and DAYS=22; hours of them for large fleets.
eval-loop: all $B/tests/loop/loop
	@BIN=$(CURDIR)/$B/bin tests/loop/run.sh $(SEEDS)

# SEEDS and INCIDENTS of tests/gandalf-eval/RESULTS.md; the defaults were chosen
# on 1 to 6 and on 1 to 1600.
INCIDENTS = 10001 10600
eval-gandalf: all $B/tests/gandalf-eval/simulate $B/tests/gandalf-eval/calls
	@BIN=$(CURDIR)/$B/bin tests/gandalf-eval/run.sh $(or $(SEEDS),1001 1002) | \
	    awk -f tests/gandalf-eval/summary.awk
	@BIN=$(CURDIR)/$B/bin tests/gandalf-eval/calls.sh $(INCIDENTS) | \
	    awk -f tests/gandalf-eval/calls.awk

eval-gray: deps testbins
	@tests/deps.sh $(DEPS_GRAY)
	BIN=$(CURDIR)/$B/bin TESTBIN=$(CURDIR)/$B/tests tests/gray/run.sh

lint:
	tests/lint.sh

demo:
	@tests/deps.sh $(DEPS_BUILD) $(DEPS_DEMO)
	@$(MAKE) -s -j"$$(nproc)" all $B/tests/demo/shop
	@PATH=$(CURDIR)/$B/bin:$$PATH tests/demo/demo.sh testdata/demo
	@rm -rf $B/shops
	@PATH=$(CURDIR)/$B/bin:$$PATH tests/demo/live.sh $B/tests/demo/shop $B/shops

RECORD = 600

demo-live:
	@tests/deps.sh $(DEPS_BUILD) $(DEPS_LIVE)
	@$(MAKE) -s -j"$$(nproc)" all
	@rm -rf $B/live
	@PATH=$(CURDIR)/$B/bin:$$PATH tests/demo/record.sh $B/live $(RECORD) trace
	@PATH=$(CURDIR)/$B/bin:$$PATH tests/demo/demo.sh $B/live $B/live/tables

deps:
	@tests/deps.sh $(DEPS_BUILD) $(DEPS_TEST)

optional:
	@tests/deps.sh $(DEPS_BROWSER) 2>/dev/null || \
	    echo "no chromium: the test of resin-report in it is skipped" >&2
	@tests/deps.sh $(DEPS_JVM) 2>/dev/null || \
	    echo "no JDK: the test of resin-trace on a JVM is skipped" >&2
	@tests/deps.sh $(DEPS_HEAPTRACK) 2>/dev/null || \
	    echo "no heaptrack: the test of resin-trace with it is skipped" >&2

install: all
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BINS) $(DESTDIR)$(PREFIX)/bin
	install -d $(DESTDIR)$(PREFIX)/lib/resin
	install -m 644 $B/lib/libpanorun.so $(DESTDIR)$(PREFIX)/lib/resin
	install -d $(DESTDIR)$(PREFIX)/share/resin/rules
	install -m 644 $(RULES) $(DESTDIR)$(PREFIX)/share/resin/rules
	install -d $(DESTDIR)$(PREFIX)/share/resin/cocci $(DESTDIR)$(PREFIX)/include
	install -m 644 lib/pano/cocci/*.cocci $(DESTDIR)$(PREFIX)/share/resin/cocci
	install -m 644 lib/pano/client/pano.h $(DESTDIR)$(PREFIX)/include
	for t in $(TOOLS); do \
		$B/bin/$$t --help >$B/help && \
		for d in bash-completion/completions/$$t zsh/site-functions/_$$t \
		    fish/vendor_completions.d/$$t.fish; do \
			install -d $(DESTDIR)$(PREFIX)/share/$${d%/*}; \
			awk -f man/completion.awk -v tool=$$t -v shell=$${d%%[-/]*} \
			    $B/help >$(DESTDIR)$(PREFIX)/share/$$d || exit 1; \
		done; \
	done
	for s in 1 5 7; do \
		install -d $(DESTDIR)$(PREFIX)/share/man/man$$s; \
		install -m 644 man/*.$$s $(DESTDIR)$(PREFIX)/share/man/man$$s; \
	done
	install -d $(DESTDIR)$(PREFIX)/share/doc/resin/examples
	cp -p man/examples/* $(DESTDIR)$(PREFIX)/share/doc/resin/examples

# The detectors; TEST, LARGE, DATA and the rest stand in tests/eval/run.sh.
eval: all $(EVALBINS)
	@BIN=$(CURDIR)/$B/bin EVALBIN=$(CURDIR)/$B/tests/eval tests/eval/run.sh

clean:
	rm -rf build build-*

.PHONY: eval eval-loop all eval-gray testbins bench demo demo-live check optional check-san fuzz fuzzers lint deps install clean
.SECONDARY:
-include $(wildcard $B/cmd/*.d $B/lib/*/*.d $B/tests/*.d $B/tests/*/*.d)
