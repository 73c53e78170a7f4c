"""Fails if a dependency of the given packages declares a newer Rust than the given version."""
import json, sys

version, roots = tuple(map(int, sys.argv[1].split("."))), set(sys.argv[2:])
metadata = json.load(sys.stdin)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
left, seen = [id for id, package in packages.items() if package["name"] in roots], set()
while left:
    id = left.pop()
    if id in seen:
        continue
    seen.add(id)
    left += [dep["pkg"] for dep in nodes[id]["deps"] if any(kind["kind"] != "dev" for kind in dep["dep_kinds"])]
of = lambda package: tuple(map(int, (package["rust_version"] or "1.0").split(".")[:2]))
newer = [f"{p['name']} {p['version']} needs {p['rust_version']}" for p in map(packages.get, seen) if of(p) > version]
sys.exit("\n".join(newer) or 0)
