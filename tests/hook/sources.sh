#!/bin/bash
# sources.sh PACKAGE DIR: a Debian source package unpacked into DIR, by apt with
# lists of its own.  Fails where there is no network.
set -eu
package=$1 dir=$2
lists=$dir/.apt
mkdir -p "$lists/lists/partial" "$lists/cache/archives/partial" "$lists/parts"
# shellcheck disable=SC1091 # the system's own
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
printf 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
	http://deb.debian.org/debian "$release" >"$lists/list"
apt=(apt-get -qq -o "Dir::Etc::SourceList=$lists/list"
	-o "Dir::Etc::SourceParts=$lists/parts" -o "Dir::State::Lists=$lists/lists"
	-o "Dir::Cache=$lists/cache" -o APT::Sandbox::User=root)
cd "$dir"
"${apt[@]}" update
"${apt[@]}" source --download-only "$package"
dpkg-source -q --no-check -x ./*.dsc source
