"""The process that draws pictures: orders come in, a line of JSON each; PNG files go out, each after its length.

`pictures.Pictures` starts this file by its path, so that nothing but the drawing library is imported.
"""

import json
import sys


def main() -> None:
    """Start the drawing library, and answer orders as they come; ends with whoever gives them."""
    import vl_convert

    # the first chart takes half a second more than any other: it passes while the first order is being prepared
    vl_convert.vegalite_to_png({"mark": "point"})
    for line in sys.stdin.buffer:
        order = json.loads(line)
        picture = vl_convert.vegalite_to_png(order["spec"], config=order["config"], scale=order["scale"])
        sys.stdout.buffer.write(len(picture).to_bytes(8, "big") + picture)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
