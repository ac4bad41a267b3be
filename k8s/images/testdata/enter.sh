#!/usr/bin/env bash
# Runs a program as a container of a pod is run: enter.sh ROOT [NAME=VALUE ...] PROGRAM [ARGUMENT ...]
#
# ROOT is all that the program sees, read-only, but for empty folders in memory at /tmp
# and /cache; it has the uid and gid 65534, no capability, mounts and processes of its
# own, and no variables but those named here. It needs no privilege. The network is the
# machine's.
set -euo pipefail

# As root of a user namespace: mounts. In a second one, below it: the program.
# shellcheck disable=SC2016 # the inner shell expands these
exec unshare --user --map-root-user --mount --pid --fork --kill-child bash -euo pipefail -c '
	root=$1
	shift
	variables=()
	while [[ ${1-} == *=* ]]; do
		variables+=("$1")
		shift
	done
	mount --make-rprivate /
	mount --bind "$root" "$root"
	for folder in tmp cache; do
		mount -t tmpfs -o size=256m,mode=1777 tmpfs "$root/$folder"
	done
	mount -t proc proc "$root/proc"
	mount --rbind /sys "$root/sys"
	mount -t tmpfs -o size=64k,mode=755 tmpfs "$root/dev"
	for device in null zero urandom; do
		: >"$root/dev/$device"
		mount --bind "/dev/$device" "$root/dev/$device"
	done
	mount -o remount,bind,ro "$root/dev"
	mount -o remount,bind,ro "$root"
	exec env -i "${variables[@]}" "$(command -v unshare)" --user --map-user=65534 --map-group=65534 \
		--root="$root" --wd=/ -- "$@"
' enter "$@"
