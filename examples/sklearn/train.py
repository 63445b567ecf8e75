"""Trains a classifier of handwritten digits (scikit-learn's own data set) and reports how good it is."""

import argparse
import json
import os

from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier

N_FOLDS = 3


def report(**metrics):
    with open(os.environ.get("METALAB_METRICS", os.devnull), "a") as file:
        file.write(json.dumps(metrics) + "\n")


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--model", choices=["linear", "mlp"], default="mlp")
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--alpha", type=float, default=1e-4, help="weight of the L2 penalty")
parser.add_argument("--hidden", type=int, default=32, help="hidden units of the mlp")
parser.add_argument("--epochs", type=int, default=12)
args = parser.parse_args()

seed = int(os.environ.get("METALAB_SEED", 0))
fold = int(os.environ.get("METALAB_FOLD", 0))

images, labels = load_digits(return_X_y=True)
images = images / 16
# The folds are the same in every trial; only what is random in the training depends on the seed of the run.
folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=0)
train, held_out = list(folds.split(images, labels))[fold]

if args.model == "mlp":
    model = MLPClassifier((args.hidden,), learning_rate_init=args.lr, alpha=args.alpha, batch_size=32, random_state=seed)
else:
    model = SGDClassifier(
        loss="log_loss", learning_rate="constant", eta0=args.lr, alpha=args.alpha, random_state=seed
    )

for epoch in range(args.epochs):
    model.partial_fit(images[train], labels[train], classes=range(10))
    loss = log_loss(labels[held_out], model.predict_proba(images[held_out]), labels=range(10))
    accuracy = model.score(images[held_out], labels[held_out])
    report(step=epoch, val_loss=loss, val_acc=accuracy)
    print(f"epoch {epoch}: loss {loss:.4f}, accuracy {accuracy:.4f}")
