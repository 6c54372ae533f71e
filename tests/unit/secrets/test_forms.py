"""Literals that are secrets are found, and harmless ones are not. Every secret here is made up."""

from __future__ import annotations

import base64
import time

import msgspec
import pytest

from gitrain.secrets.addresses import scrub_url
from gitrain.secrets.forms import (
    is_secret_key,
    may_hold_secret,
    why_secret,
    why_secret_text,
)

# Put together here, so that no scanner takes this file for a leak.
STORAGE_KEY = base64.b64encode(bytes(range(64))).decode()
SECRETS = {
    "storage key": STORAGE_KEY,
    "connection string": f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={STORAGE_KEY}",
    "service bus": "Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=" + "Ab1+" * 10 + "=",
    "signed address": "https://a.blob.core.windows.net/c/d?sv=2024&se=x&sig=" + "aB3%2F" * 8,
    "aws": "AKIA" + "ABCDEFGH12345678",
    "github": "ghp_" + "a1B2" * 9,
    "github app": "ghs_" + "a1B2" * 9,
    "github fine": "github_pat_" + "a1B2" * 12,
    "gitlab": "glpat-" + "a1B2_" * 4,
    "slack": "xoxb-" + "1234567890-abcdef",
    "google": "AIza" + "aB3_-" * 7,
    "openai": "sk-" + "aB3d" * 12,
    "openai project": "sk-proj-" + "aB3d" * 12,
    "hugging face": "hf_" + "aBcD" * 9,
    "pem": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE",
    "jwt": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".abc",
    "password in address": "postgres://me:hunter2@db.example.com/x",
}


@pytest.mark.parametrize("form", SECRETS)
def test_a_secret_is_found_by_its_form_wherever_it_stands(form):
    value = SECRETS[form]

    for text in (value, f"python train.py --x '{value}' -v", f"ENV X={value}\nRUN y"):
        reason = why_secret_text(text)
        assert reason
        assert value not in reason
        assert why_secret("HARMLESS_NAME", text) == reason
        assert may_hold_secret(msgspec.json.encode({"spec": {"command": [text]}}))


@pytest.mark.parametrize(
    "key",
    [
        *("PASSWORD", "DB_PASSWORD", "db_password", "WANDB_API_KEY", "CLIENT_SECRET", "HF_TOKEN"),
        *("AZURE_STORAGE_SAS", "PGPWD_PWD", "GOOGLE_CREDENTIALS", "key"),
    ],
)
def test_any_literal_under_a_telling_name_is_a_secret(key):
    reason = why_secret(key, "0123456789abcdef")

    assert is_secret_key(key)
    assert reason
    assert "0123456789abcdef" not in reason
    assert why_secret(key, "") is None


@pytest.mark.parametrize(
    "key",
    ["MONKEY", "KEY_NAME", "TOKENIZERS_PARALLELISM", "TOKENS", "PASSWORDLESS", "SASHA", "PWD_FILE"],
)
def test_a_name_that_only_looks_like_one_is_harmless(key):
    assert why_secret(key, "true") is None


@pytest.mark.parametrize(
    "text",
    [
        "python train.py --lr 1e-3 --tokens 4096 --key-frames 8",
        "git-tree:" + "ab12" * 10,
        "sha256:" + "ab12" * 16,
        "azureml://datastores/workspaceblobstore/paths/pets",
        "https://github.com/fastai/fastai.git",
        "git@github.com:fastai/fastai.git",
        "ssh://git@github.com/fastai/fastai.git",
        "https://example.com/a?signature=no&sigma=0.5",
        "${{inputs.base}}/task-sk-learn-model-with-a-long-name-and-no-digits",
        "postgres://$USER:$PASSWORD@db/x",
        "postgres://user:${PASSWORD}@db/x",
        "export AccountKey=$KEY",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ me@host",
        "FROM mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8:20240101.v1\nRUN pip install a==1",
        "hf_hub_download",
        "-----BEGIN CERTIFICATE-----",
        "",
    ],
)
def test_ordinary_texts_are_harmless(text):
    assert why_secret_text(text) is None


def test_a_long_text_is_read_once():
    texts = [
        "a" * 1_000_000,
        "https://" * 125_000,
        "-eyJaaaaaaaaaaa" * 60_000,
        "-sk-" * 250_000,
        "/:" * 500_000,
    ]

    start = time.process_time()
    for text in texts:
        why_secret_text(text)
        scrub_url(text)

    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://user:pass@github.com/a/b.git", "https://github.com/a/b.git"),
        ("https://token@github.com/a/b.git", "https://github.com/a/b.git"),
        ("https://u:p@ss@host/a", "https://host/a"),
        ("https://github.com/a@b/c.git", "https://github.com/a@b/c.git"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("https://x/c?sv=1&sig=abc%2F&se=2", "https://x/c?sv=1&sig=***&se=2"),
        ("fatal: 'https://u:p@h/x' not found", "fatal: 'https://h/x' not found"),
        ("/srv/git/x.git", "/srv/git/x.git"),
        ("", ""),
    ],
)
def test_an_address_loses_its_credentials(url, clean):
    assert scrub_url(url) == clean
