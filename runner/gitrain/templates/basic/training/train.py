"""Train a classifier on scikit-learn's scans of handwritten digits.

Flags in, files out: the metrics in outputs/metrics.jsonl, the model below --out.
"""

import argparse
import json
import pickle
from pathlib import Path

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gamma", type=float, default=0.001, help="width of the kernel")
    parser.add_argument("--out", type=Path, default=Path("outputs"), help="folder for the model")
    options = parser.parse_args()

    images, labels = load_digits(return_X_y=True)
    train_x, valid_x, train_y, valid_y = train_test_split(
        images, labels, test_size=0.2, random_state=0, stratify=labels
    )
    model = SVC(gamma=options.gamma).fit(train_x, train_y)
    accuracy = model.score(valid_x, valid_y)
    print(f"accuracy {accuracy:.4f} on {len(valid_y)} images")

    metrics = Path("outputs/metrics.jsonl")
    metrics.parent.mkdir(exist_ok=True)
    metrics.write_text(json.dumps({"step": 1, "accuracy": accuracy}) + "\n", encoding="utf-8")
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "model.pkl").write_bytes(pickle.dumps(model))


if __name__ == "__main__":
    main()
