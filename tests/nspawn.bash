# A systemd of its own to act on: a container with its own pid, mount, network
# and uts namespaces.  Nothing is sent into it before it was asserted that it is
# none of this machine's.

# nspawn_rootfs: path of a minimal Debian, made once and kept; or why not.
nspawn_rootfs() {
	local cache=${RESIN_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/resin}
	root=$cache/bookworm
	[ "$(id -u)" = 0 ] || { echo 'needs root'; return 1; }
	command -v systemd-nspawn >/dev/null || {
		echo 'needs systemd-nspawn (systemd-container)'; return 1; }
	[ ! -e "$root/.complete" ] || return 0
	command -v debootstrap >/dev/null || { echo 'needs debootstrap'; return 1; }
	mkdir -p "$cache"
	exec 8>"$cache/lock" && flock 8
	if [ ! -e "$root/.complete" ]; then
		rm -rf --one-file-system "$root"
		timeout 300 debootstrap --variant=minbase --include=systemd,dbus \
			bookworm "$root" >"$cache/log" 2>&1 8>&- || {
			echo "debootstrap fails, see $cache/log"; return 1; }
		touch "$root/.complete"
	fi
	exec 8>&-
}

# nspawn_libs DIR: what the tools need and a minimal system lacks.
nspawn_libs() {
	mkdir -p "$1"
	for tool in "$BIN"/*; do ldd "$tool"; done |
		awk '$3 ~ /^\// && $3 !~ /\/(libc|libm)\.so/ { print $3 }' |
		sort -u | xargs cp -t "$1"
}

# nspawn_boot DIR: boots, with DIR (the same on both sides) to share files.
# Sets $nspawn, its pid here, $init, the pid here of its first process, and
# $shared, which is DIR.
nspawn_boot() {
	shared=$1
	nspawn_libs "$1/lib"
	systemd-nspawn -q -D "$root" --volatile=overlay --boot --register=no \
		--keep-unit --private-network \
		--bind-ro="$BIN:/opt/bin" --bind="$1:$1" \
		>"$1/boot.log" 2>&1 </dev/null 3>&- &
	nspawn=$!
	echo $nspawn >"$1/nspawn.pid"
	for _ in $(seq 200); do
		init=$(cat /proc/$nspawn/task/$nspawn/children 2>/dev/null |
			awk '{ print $1 }')
		if [ -n "$init" ] && inside true 2>/dev/null &&
		    inside systemctl is-system-running 2>/dev/null |
		    grep -qE 'running|degraded'; then
			return 0
		fi
		sleep 0.1
	done
	tail -n 3 "$1/boot.log"
	return 1
}

# elsewhere: is $init in a pid namespace that is not ours, and its first?
elsewhere() {
	[ -n "$init" ] && [ "$init" -gt 1 ] &&
	    [ "$(readlink "/proc/$init/ns/pid")" != "$(readlink /proc/self/ns/pid)" ] &&
	    [ "$(readlink "/proc/$init/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ] &&
	    [ "$(awk '$1 == "NSpid:" { print $NF }' "/proc/$init/status")" = 1 ]
}

# inside CMD...: runs in the container, and nowhere else.
inside() {
	elsewhere || { echo 'not another pid namespace' >&2; return 99; }
	nsenter -t "$init" -a env -i PATH=/opt/bin:/usr/bin:/usr/sbin:/bin:/sbin \
		LC_ALL=C TZ=UTC LD_LIBRARY_PATH="$shared/lib" "$@"
}

# What a file of tests does with it, unless it has a setup of its own.
setup_file() {
	export shared=$BATS_FILE_TMPDIR nspawn init root why
	# In a subshell, whose $root comes back by a file.
	why=$(nspawn_rootfs && echo "$root" >"$shared/root") || return 0
	root=$(cat "$shared/root")
	if ! nspawn_boot "$shared" >"$shared/why"; then
		why="no boot: $(cat "$shared/why")"
	fi
}

teardown_file() { nspawn_end "$shared"; }

nspawn_setup() {
	cd "$BATS_TEST_TMPDIR" && set -o pipefail
	[ -z "$why" ] || skip "$why"
	elsewhere || fail 'the container shares our pid namespace'
}

setup() { nspawn_setup; }

nspawn_end() {
	local pid
	[ -e "$1/nspawn.pid" ] || return 0
	pid=$(cat "$1/nspawn.pid")
	kill "$pid" 2>/dev/null || :
	for _ in $(seq 50); do [ -e "/proc/$pid" ] || return 0; sleep 0.1; done
	kill -9 "$pid"
}
