#!/bin/sh
# Builds small stand-ins for the images of PostgreSQL and Toxiproxy, where no registry can be reached: the first from
# the PostgreSQL that Debian's package `postgresql` installed here, the second from Toxiproxy's source by `go install`.
# Usage: build-images.sh; needs a running Docker engine, and Go unless TOXIPROXY_SERVER names a static program.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Copies files into the root folder $1 under their own paths, with every library they load.
copy_with_libraries() {
  root=$1
  shift
  for file; do
    mkdir -p "$root$(dirname "$file")"
    cp -L "$file" "$root$file"
    ldd "$file" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do
      [ -e "$root$library" ] && continue
      mkdir -p "$root$(dirname "$library")"
      cp -L "$library" "$root$library"
    done
  done
}

build_postgres() {
  root=$work/postgres
  home=$(ls -d /usr/lib/postgresql/* | sort -V | tail -n 1)
  version=${home##*/}
  mkdir -p "$root/tmp" "$root/etc" "$root/usr/lib/postgresql" "$root/usr/share/postgresql"
  chmod 1777 "$root/tmp"
  cp -rL "/usr/share/postgresql/$version" "$root/usr/share/postgresql/"
  # Without the just-in-time compiler, whose library is larger than all the rest.
  find "$home" \( -name '*.so' -o -path '*/bin/*' \) ! -name 'llvmjit*' -type f >"$work/files"
  # shellcheck disable=SC2046 # one path a word
  copy_with_libraries "$root" $(cat "$work/files")
  for tool in sh cat chown mkdir id env setpriv; do
    copy_with_libraries "$root" "$(command -v "$tool")"
  done
  mkdir -p "$root/bin"
  [ -e "$root/bin/sh" ] || ln -s "$(command -v sh)" "$root/bin/sh"
  # Debian's PostgreSQL reads the system's time zones.
  mkdir -p "$root/usr/share/zoneinfo/Etc"
  cp -L /usr/share/zoneinfo/UTC "$root/usr/share/zoneinfo/UTC"
  cp -L /usr/share/zoneinfo/Etc/UTC "$root/usr/share/zoneinfo/Etc/UTC"
  printf 'root:x:0:0::/:/bin/sh\npostgres:x:999:999::/:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\npostgres:x:999:\n' >"$root/etc/group"
  cp "$here/postgres-entrypoint.sh" "$root/entrypoint.sh"
  chmod 755 "$root/entrypoint.sh"
  tar -C "$root" -c . | docker import \
    --change 'ENTRYPOINT ["/entrypoint.sh"]' --change 'CMD ["postgres"]' --change 'EXPOSE 5432' \
    --change "ENV PATH=$home/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
    - doubletake-test/postgres:stand-in
}

build_toxiproxy() {
  root=$work/toxiproxy
  mkdir -p "$root"
  if [ -x "${TOXIPROXY_SERVER:-}" ] && ! ldd "$TOXIPROXY_SERVER" >/dev/null 2>&1; then
    cp "$TOXIPROXY_SERVER" "$root/toxiproxy"
  else
    CGO_ENABLED=0 GOBIN=$work go install github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0
    mv "$work/server" "$root/toxiproxy"
  fi
  tar -C "$root" -c . | docker import \
    --change 'ENTRYPOINT ["/toxiproxy"]' --change 'CMD ["-host=0.0.0.0"]' --change 'EXPOSE 8474' \
    - doubletake-test/toxiproxy:stand-in
}

build_postgres
build_toxiproxy
