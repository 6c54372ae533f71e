"""A worker process with the SDK, and the steps that it is asked to do."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.doubles.azure.emulator import Emulator, environment


class StepFailed(Exception):
    """The SDK raised; the text begins with the exception's name."""


class Client:
    """`client.submit(run_id="a")` does the step `submit` in the worker."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.token_file = folder / "token"
        self.token_file.write_text(emulator.tokens.mint())
        variables = environment(emulator) | {
            "TOKEN_FILE": str(self.token_file),
            "SUBSCRIPTION": emulator.place.subscription,
            "CONFIG": str(emulator.write_config(folder)),
        }
        inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.doubles.azure_tests.worker"],
            env=inherited | variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __getattr__(self, step: str) -> Any:
        def do(**given: Any) -> Any:
            self.process.stdin.write(json.dumps({"step": step, "given": given}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
            if not line:
                raise StepFailed(f"the client died: {self.process.wait()}")
            answer = json.loads(line)
            if "error" in answer:
                raise StepFailed(answer["error"])
            return answer["result"]

        return do

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
