"""Which variables of the shell that submits a run its processes get: a list, and nothing else.

A shell that runs `reconcile` has tokens that no run needs, and secrets of other jobs. What a job
needs beyond this list its manifest names, or gitrain.yaml in the workspace's `environment`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitrain.secrets.forms import is_secret_key

# A name, or the beginning of names and a `*`.
RUNS = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "LANGUAGE", "LC_*"),
    # GPUs and their libraries, and how many threads to use.
    *("CUDA_*", "NVIDIA_*", "NCCL_*", "ROCR_*", "HIP_*", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("OMP_*", "MKL_*", "OPENBLAS_*", "NUMEXPR_*"),
    # The way to the network.
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    # Where downloaded data and models are kept.
    *("XDG_CACHE_HOME", "XDG_DATA_HOME", "FASTAI_HOME", "TORCH_HOME", "HF_HOME"),
    "PYTHONUNBUFFERED",
)
# The build of an environment gets these, too: which index pip asks, and what compiles.
BUILDS = (
    "PIP_*",
    *("CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "CPATH", "LIBRARY_PATH"),
    "PKG_CONFIG_PATH",
)
# A supervisor is gitrain: it is found and runs as the gitrain that starts it. No run gets these.
_SUPERVISORS = ("PYTHON*", "VIRTUAL_ENV")


def for_runs(shell: Mapping[str, str], more: Iterable[str]) -> dict[str, str]:
    """What a run's command gets of the shell; `more` is the workspace's `environment`."""
    return _listed(shell, (*RUNS, *more))


def for_builds(shell: Mapping[str, str], more: Iterable[str]) -> dict[str, str]:
    """What the build of an environment gets of the shell."""
    return _listed(shell, (*RUNS, *BUILDS, *more))


def for_supervisors(
    shell: Mapping[str, str], more: Iterable[str], secrets: Iterable[str]
) -> dict[str, str]:
    """What a run's supervisor gets: all that it passes on, and the secrets that the run names.

    It has no more than that itself, as a run can read the variables of its user's processes.
    """
    named = {name: shell[name] for name in secrets if name in shell}
    return {**_listed(shell, (*RUNS, *BUILDS, *_SUPERVISORS, *more)), **named}


def _listed(shell: Mapping[str, str], patterns: Iterable[str]) -> dict[str, str]:
    patterns = tuple(patterns)
    names = {pattern for pattern in patterns if not pattern.endswith("*")}
    starts = tuple(pattern[:-1] for pattern in patterns if pattern.endswith("*"))
    return {
        name: value
        for name, value in shell.items()
        # What `WANDB_*` says of WANDB_API_KEY, too: only the jobs that name a secret get it.
        if (name in names or name.startswith(starts)) and not is_secret_key(name)
    }
