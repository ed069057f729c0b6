# Hosts made of network and host-name namespaces on this machine, for scripts that source this: $program, $prefix, $work, and
# `on HOST COMMAND`. Their addresses are 10.77.0.1, .2 and .3, joined by a bridge in a namespace of its own: no packet leaves them,
# and all of them are removed at the end. Needs root, iproute2 and the right to make namespaces; says so and ends with 0 where
# they are missing. KEEP=1 leaves what was written.

program="$(readlink -f "${1:-.build/release/mmtrain}")"
[[ -x "$program" ]] || { echo "no mmtrain at $program: run launch/build first" >&2; exit 66; }
prefix="mmtrain$$"
skip() { echo "skipped: $1"; exit 0; }
((EUID == 0)) || skip "network namespaces need root"
command -v ip >/dev/null || skip "no ip here (apt install iproute2)"
ip netns add "$prefix" 2>/dev/null || skip "no right to make network namespaces here"

work="$(mktemp -d)"

tidy() {
  local name process
  for name in $(ip netns list | cut -d' ' -f1 | grep "^$prefix"); do
    for process in $(ip netns pids "$name"); do kill -9 "$process" 2>/dev/null; done
    ip netns del "$name"
  done
  [[ -n "${KEEP:-}" ]] || rm -rf "$work"
}
trap tidy EXIT

ip -n "$prefix" link add bridge0 type bridge
ip -n "$prefix" link set bridge0 up
for host in 1 2 3; do
  ip netns add "$prefix.$host"
  ip link add eth0 netns "$prefix.$host" type veth peer name "port$host" netns "$prefix"
  ip -n "$prefix" link set "port$host" master bridge0 up
  ip -n "$prefix.$host" addr add "10.77.0.$host/24" dev eth0
  ip -n "$prefix.$host" link set eth0 up
  ip -n "$prefix.$host" link set lo up
done

# on HOST COMMAND…
on() {
  local host="$1"
  shift
  ip netns exec "$prefix.$host" unshare --uts bash -c 'hostname "node$0"; exec "$@"' "$host" "$@"
}
cut_off() { ip -n "$prefix" link set "port$1" down; }
join() { ip -n "$prefix" link set "port$1" up; }

# In the place of ssh: the same environment as a login has, and ssh's words where a host is cut off.
cat >"$work/agent" <<AGENT
#!/usr/bin/env bash
address=\$1 host=\${1##*.}
shift
if [[ "\$(ip -n $prefix link show "port\$host")" != *,UP* ]]; then
  echo "ssh: connect to host \$address port 22: No route to host" >&2
  exit 255
fi
exec ip netns exec "$prefix.\$host" unshare --uts bash -c "hostname node\$host; cd /; env -i PATH=/usr/bin:/bin HOME=/root \$*"
AGENT
chmod +x "$work/agent"
export OMPI_MCA_plm_rsh_agent="$work/agent"
