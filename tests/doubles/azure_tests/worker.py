"""A process that imports azureml-core once and then does one step after another.

Reads `{"step": NAME, "given": {…}}` per line, writes `{"result": …}` or `{"error": …}`.
"""

import json
import logging
import sys

from . import steps


def main() -> None:
    # The SDK prints as it pleases; answers go out by the real stdout alone.
    answers, sys.stdout = sys.stdout, sys.stderr
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"result": getattr(steps, asked["step"])(**asked["given"])}
        except Exception as error:  # the test judges it
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
