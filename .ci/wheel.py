#!/usr/bin/env python3
"""Packs a binary of mlops as a wheel, so that pip installs it without compiling: wheel.py BINARY FOLDER prints the wheel's path.

Needs nothing but Python. The wheel has the binary, the man pages, the completions of bash, zsh and fish, and the licences.
"""
import base64
import hashlib
import pathlib
import re
import sys
import sysconfig
import tomllib
import zipfile

root = pathlib.Path(__file__).resolve().parent.parent
binary, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
package = tomllib.loads((root / "Cargo.toml").read_text())["package"]
name, version = package["name"], package["version"]


def platform() -> str:
    """The oldest system that the binary runs on, as wheels name it."""
    here = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    if not here.startswith("linux_"):
        return here
    # The newest version of the C library that the binary asks for.
    asked = re.findall(rb"GLIBC_(\d+)\.(\d+)", binary.read_bytes())
    major, minor = max((int(a), int(b)) for a, b in asked)
    return f"manylinux_{major}_{minor}_{here.removeprefix('linux_')}"


tag = f"py3-none-{platform()}"
info, data = f"{name}-{version}.dist-info", f"{name}-{version}.data"
files: list[tuple[str, bytes, int]] = []


def add(path: str, content: bytes, mode: int = 0o644) -> None:
    files.append((path, content, mode))


add(f"{data}/scripts/{name}{binary.suffix}", binary.read_bytes(), 0o755)
for page in sorted((root / "docs/man").glob("*.1")):
    add(f"{data}/data/share/man/man1/{page.name}", page.read_bytes())
for script, place in [
    ("mlops.bash", "bash-completion/completions/mlops"),
    ("_mlops", "zsh/site-functions/_mlops"),
    ("mlops.fish", "fish/vendor_completions.d/mlops.fish"),
]:
    add(f"{data}/data/share/{place}", (root / "completions" / script).read_bytes())
for licence in ["LICENSE-APACHE", "LICENSE-MIT"]:
    add(f"{info}/licenses/{licence}", (root / licence).read_bytes())
metadata = [
    "Metadata-Version: 2.4",
    f"Name: {name}",
    f"Version: {version}",
    f"Summary: {package['description']}",
    f"License-Expression: {package['license']}",
    "License-File: LICENSE-APACHE",
    "License-File: LICENSE-MIT",
    "Requires-Python: >=3.8",
    "Description-Content-Type: text/markdown",
    "",
    (root / "README.md").read_text(),
]
add(f"{info}/METADATA", "\n".join(metadata).encode())
add(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: {name}\nRoot-Is-Purelib: false\nTag: {tag}\n".encode())


def record(path: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}\n"


listed = "".join(record(path, content) for path, content, _ in files) + f"{info}/RECORD,,\n"
add(f"{info}/RECORD", listed.encode())
folder.mkdir(parents=True, exist_ok=True)
wheel = folder / f"{name}-{version}-{tag}.whl"
with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
    for path, content, mode in files:
        # The same bytes make the same wheel: no time of today.
        entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
        entry.external_attr, entry.compress_type = (0o100000 | mode) << 16, zipfile.ZIP_DEFLATED
        archive.writestr(entry, content)
print(wheel)
