"""Parts of a fastai training: one idea a file. train.py puts them together."""
