# Tries to have its own outputs read as points.
import sys

from IPython.display import display


class Points:
    def __repr__(self):
        return "1"


sys.displayhook(Points())
display(Points())
1.0  # noqa: B018
