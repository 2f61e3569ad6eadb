#!/bin/sh
# Runs one program on a stock KVM: QEMU emulates an AMD CPU with SVM and nested paging in software, and
# Debian's cloud kernel, with its own kvm_amd, boots in it. What the program does is real; how long it takes is not.
#
#   scripts/stock-kvm/boot.sh PROGRAM [ARGUMENT...]
#
# Prints what the program prints and ends with its exit code (125: the machine did not get that far).
# It has to be static, or what it needs has to lie in the folder that HL_STOCK_KVM_FILES names: that becomes the root.
# HL_STOCK_KVM_SECONDS bounds the whole run (default 900). Needs Debian or a relative of it, and root for the
# first run, which installs QEMU; the kernel is only unpacked, into the cache folder.
set -eu

[ $# -ge 1 ] || { echo "usage: $0 PROGRAM [ARGUMENT...]" >&2; exit 2; }
program=$(realpath "$1")
shift

cache=${XDG_CACHE_HOME:-$HOME/.cache}/hl-stock-kvm
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

install_tools() {
  packages=
  command -v qemu-system-x86_64 >/dev/null || packages="$packages qemu-system-x86"
  command -v cpio >/dev/null || packages="$packages cpio"
  command -v busybox >/dev/null || packages="$packages busybox-static"
  [ -n "$packages" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "stock-kvm: missing$packages; install them with: sudo apt-get install$packages" >&2
    exit 125
  fi
  echo "stock-kvm: installing$packages" >&2
  apt-get update -qq
  # shellcheck disable=SC2086 # one word for each package
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
}

# Leaves the kernel and the four modules that make its KVM in the cache folder.
fetch_kernel() {
  [ ! -f "$cache/complete" ] || return 0
  echo "stock-kvm: fetching Debian's cloud kernel" >&2
  apt-cache show linux-image-cloud-amd64 >/dev/null 2>&1 || apt-get update -qq
  package=$(apt-cache depends --important linux-image-cloud-amd64 | awk '/Depends: linux-image-[0-9]/ { print $2; exit }')
  [ -n "$package" ] || { echo "stock-kvm: apt knows no linux-image-cloud-amd64" >&2; exit 125; }
  (cd "$work" && apt-get -o APT::Sandbox::User=root download -qq "$package" && dpkg-deb -x "$package"_*.deb unpacked)
  rm -rf "$cache"
  mkdir -p "$cache"
  cp "$work"/unpacked/boot/vmlinuz-* "$cache/vmlinuz"
  for module in ccp irqbypass kvm kvm-amd; do
    found=$(find "$work/unpacked" -name "$module.ko*" | head -n 1)
    case $found in
      '') ;;
      *.xz) xz -dc "$found" >"$cache/$module.ko" ;;
      *.zst) zstd -qdc "$found" >"$cache/$module.ko" ;;
      *) cp "$found" "$cache/$module.ko" ;;
    esac
  done
  touch "$cache/complete"
}

# An initial file system whose init loads KVM, runs the program and switches the machine off.
write_root() {
  root=$work/root
  mkdir -p "$root"
  [ -z "${HL_STOCK_KVM_FILES:-}" ] || cp -a "$HL_STOCK_KVM_FILES/." "$root/"
  mkdir -p "$root/dev" "$root/proc" "$root/sys" "$root/tmp"
  cp "$(command -v busybox)" "$root/busybox"
  cp "$cache"/*.ko "$root/"
  cp "$program" "$root/program"
  {
    echo '#!/busybox sh'
    echo '/busybox mount -t devtmpfs none /dev; /busybox mount -t proc none /proc; /busybox mount -t sysfs none /sys'
    echo '/busybox mount -t tmpfs none /tmp'
    echo 'for module in ccp irqbypass kvm kvm-amd; do [ ! -f $module.ko ] || /busybox insmod $module.ko 2>/dev/null; done'
    echo 'echo "stock-kvm begins"'
    printf 'HOME=/tmp CI=%s RUST_BACKTRACE=1 /program' "'${CI:-}'"
    for argument in "$@"; do printf " '%s'" "$(printf %s "$argument" | sed "s/'/'\\\\''/g")"; done
    printf '\necho "stock-kvm ends with $?"\n/busybox poweroff -f\n'
  } >"$root/init"
  chmod +x "$root/init"
  (cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initrd"
}

# Keeps the console's lines between the two marks, prints them as they come, and leaves the exit code in a file.
follow() {
  tr -d '\r' | awk -v code="$work/code" '
    /stock-kvm begins$/ { shown = 1; next }
    match($0, /stock-kvm ends with [0-9]+$/) { sub(/.*with /, ""); print > code; exit }
    shown { print; fflush() }'
}

install_tools
fetch_kernel
write_root "$@"
# One thread for both emulated CPUs: with one each, the emulated SVM loses its way now and then.
timeout "${HL_STOCK_KVM_SECONDS:-900}" qemu-system-x86_64 \
  -accel tcg,thread=single -cpu max,+svm,+npt -smp 2 -m 3072 \
  -kernel "$cache/vmlinuz" -initrd "$work/initrd" -append 'console=ttyS0 quiet panic=-1' \
  -nographic -no-reboot </dev/null 2>"$work/qemu" | follow || true
if [ ! -f "$work/code" ]; then
  echo "stock-kvm: the program did not end within ${HL_STOCK_KVM_SECONDS:-900} s" >&2
  cat "$work/qemu" >&2
  exit 125
fi
exit "$(cat "$work/code")"
