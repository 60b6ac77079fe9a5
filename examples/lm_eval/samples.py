#!/usr/bin/env python3
"""Runs the seven tasks of the Open LLM Leaderboard's first version, with its numbers of examples, on the few rows in
`samples`: the harness's own task definitions, which read JSON lines in the format of the real data sets.

  ./samples.py --model workbench --model_args model=smollm2 [--apply_chat_template] [--output results.json]

The rows were made up to try the way from a task to the daemon and back; they say nothing about a model.
"""
import argparse
import json
import os
import sys

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "samples")
GROUP = "samples"
# Task, files, and examples in front of each question.
TASKS = [
    ("arc_challenge", "arc", ["train", "test"], 25),
    ("hellaswag", "hellaswag", ["train", "validation"], 10),
    ("mmlu_astronomy", "mmlu", ["dev", "test"], 5),
    ("truthfulqa_mc1", "truthfulqa", ["validation"], 0),
    ("truthfulqa_mc2", "truthfulqa", ["validation"], 0),
    ("winogrande", "winogrande", ["train", "validation"], 5),
    ("gsm8k", "gsm8k", ["train", "test"], 5),
    ("drop", "drop", ["train", "validation"], 3),
]
# Splits that a task's definition names and that have no file here.
ABSENT = {"arc_challenge": {"validation_split": None}}


def tasks(names=None):
    """The harness's tasks, pointed at the samples."""
    for task, name, splits, shots in TASKS:
        if names and task not in names:
            continue
        files = {split: os.path.join(FOLDER, f"{name}.{split}.jsonl") for split in splits}
        yield {"task": task, "dataset_path": "json", "dataset_name": None, "dataset_kwargs": {"data_files": files},
               "num_fewshot": shots, **ABSENT.get(task, {})}


def evaluate(model, model_args, names=None, chat=False):
    """What the harness found for each task."""
    import lm_eval
    import workbench_lm  # noqa: F401, registers the model

    return lm_eval.simple_evaluate(
        model=model, model_args=model_args, tasks=[{"group": GROUP, "task": list(tasks(names))}],
        bootstrap_iters=0, log_samples=True, apply_chat_template=chat, fewshot_as_multiturn=chat)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="workbench")
    parser.add_argument("--model_args", default="")
    parser.add_argument("--tasks", help="names with commas between them (default: all)")
    parser.add_argument("--apply_chat_template", action="store_true")
    parser.add_argument("--output", help="file for the results and samples as JSON")
    arguments = parser.parse_args()
    names = arguments.tasks.split(",") if arguments.tasks else None
    known = [task for task, *_ in TASKS]
    for name in set(names or []) - set(known):
        parser.error(f"there is no task '{name}'; available: {', '.join(known)}")
    try:
        results = evaluate(arguments.model, arguments.model_args, names, arguments.apply_chat_template)
    except RuntimeError as error:
        sys.exit(f"samples.py: {error}")
    if arguments.output:
        with open(arguments.output, "w") as file:
            json.dump({"results": results["results"], "samples": results["samples"]}, file, default=str)
    for task, found in results["results"].items():
        if task == GROUP:
            continue
        metrics = ", ".join(f"{name.removesuffix(',none').replace(',', ' by ')} {value:.3f}"
                            for name, value in found.items() if isinstance(value, float) and "stderr" not in name)
        print(f"{task:16} {results['n-shot'].get(task, 0):2} examples  {metrics}")


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    main()
