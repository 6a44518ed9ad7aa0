"""The process that draws pictures: an order as JSON comes in, PNG files go out, each after its length in eight bytes.

`pictures.Pictures` starts this file by its path, so that nothing but the drawing library is imported.
"""

import json
import sys


def main() -> None:
    """Start the drawing library, wait for the order, and answer it; ends with whoever gave the order."""
    import vl_convert

    # the first chart takes a second more than any other: that second passes while the order is being prepared
    vl_convert.vegalite_to_png({"mark": "point"})
    text = sys.stdin.buffer.read()
    if not text:
        return
    order = json.loads(text)
    for spec in order["specs"]:
        picture = vl_convert.vegalite_to_png(spec, config=order["config"], scale=order["scale"])
        sys.stdout.buffer.write(len(picture).to_bytes(8, "big") + picture)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
