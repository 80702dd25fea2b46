"""Writes what is to be read from the reports of run.sh: differences.md, which has the conversations that differ alike together, and for each
server transcripts/SERVER.md, which has both transcripts of every difference."""

import json
import pathlib
import re

HERE = pathlib.Path(__file__).parent
LONGEST = 170
LOG = '"method":"notifications/message"'


def kinds(name, revision):
    """What a conversation is about."""
    if re.search(r"\bbatch", name):
        return "batches"
    if revision >= "2026" and ("initialize in" in name or "protocol version with sessions" in name):
        return "eras"
    if "before initialize" in name or name.startswith("initialize "):
        return "handshake"
    if re.match(r"lists |calls the tool|reads the resource|gets the prompt", name):
        return "lists and calls"
    older = (
        *("notification nobody", "a request's method as", "cancelled ", "initialized again", "roots changed", "nobody asked for"),
        *("ping in a", "id with a zero fraction", "id with an exponent"),  # the last two send a ping
    )
    if revision >= "2026" and any(text in name for text in older):
        return "eras"
    return "malformed"


def same(line):
    try:
        return line[:2] + json.dumps(json.loads(line[2:]), sort_keys=True)
    except (ValueError, RecursionError):
        return line


def where(one, other):
    """The last message before the transcripts part, and what follows it in each."""
    at = next((n for n, (a, b) in enumerate(zip(one, other)) if same(a) != same(b)), min(len(one), len(other)))
    sent = next((n for n in range(at - 1, -1, -1) if one[n].startswith(">")), None)
    return (one[sent] if sent is not None else None), one[at : at + 2], other[at : at + 2]


def said(lines):
    """A line in words."""
    line = lines[0] if lines else ""
    if LOG in line:
        return said(lines[1:]) + " but a log message"
    if line.startswith("- nothing"):
        return "nothing comes"
    if line.startswith("! nothing came"):
        return "nothing comes, whatever is asked after it" if "nor to what was asked" in line else "nothing comes in time"
    if line.startswith("!"):
        return line[2:]
    if not line.startswith("<"):
        return "nothing comes, and the next message is answered"
    try:
        answer = json.loads(line[2:])
    except (ValueError, RecursionError):
        return "text that is not JSON"
    if isinstance(answer, dict) and "error" in answer:
        id = "an id" if answer.get("id") not in (None, "server-error", "") else "no id of the request"
        return f"error {answer['error']['code']} with {id}"
    if isinstance(answer, dict) and "result" in answer:
        return "a failed result" if answer["result"].get("isError") else "a result"
    return "something else"


def short(line):
    line = re.sub(r'"_meta":\{"io.modelcontextprotocol/protocolVersion".*?\}\}?(?=[,}])', '"_meta":{…}', line)
    line = re.sub(r"within [\d.]+m?s in answer to .*", "in time", line)
    return line if len(line) <= LONGEST else line[:LONGEST] + " …"


def section(name, report):
    groups, classes = {}, {}
    for found in report["differences"]:
        sent, here, there = where(found["reference"].splitlines(), found["found"].splitlines())
        kind = kinds(found["conversation"], found["revision"])
        classes[kind] = classes.get(kind, 0) + 1
        group = groups.setdefault((kind, said(here), said(there)), {"names": {}, "sent": sent, "lines": (here, there)})
        group["names"].setdefault(found["conversation"], []).append(found["revision"])
    face = report["faces"][0]
    spoken = {found["revision"] for found in report["differences"]}
    yield f"## {name}\n"
    yield f"{face['alike']} alike, {face['different']} different, {face['unstable']} unstable, {face['leftOut']} left out;"
    yield f"[both transcripts of each difference](transcripts/{name}.md). Differences by what they are about:"
    yield ", ".join(f"{count} {kind}" for kind, count in sorted(classes.items())) + ".\n" if classes else "none.\n"
    for (kind, here, there), group in sorted(groups.items()):
        names = "; ".join(name if set(of) == spoken else f"{name} ({', '.join(of)})" for name, of in group["names"].items())
        yield f"**{kind}**: over stdio {here}, over HTTP {there}. {names}.\n"
        yield "```text"
        yield short(group["sent"] or "(the connection is opened)")
        yield "stdio  " + short((group["lines"][0] or ["(nothing)"])[0])
        yield "HTTP   " + short((group["lines"][1] or ["(nothing)"])[0])
        yield "```\n"


def transcripts(name, report):
    """Every difference of a server; those of which both transcripts are the same are named together."""
    yield f"# {name}: every difference, with both transcripts\n"
    yield "Written by summary.py from the report of run.sh; [../differences.md](../differences.md) has them in groups. `>` was sent, `<` came back; `-` says that"
    yield "nothing did, and `!` why the conversation broke off. The last message of each conversation is to see whether the connection lives.\n"
    pairs = {}
    for found in report["differences"]:
        pairs.setdefault((found["reference"], found["found"]), []).append(found)
    for number, ((reference, other), all_of_it) in enumerate(pairs.items(), 1):
        names = {}
        for found in all_of_it:
            names.setdefault(found["conversation"], []).append(found["revision"])
        said_in = "; ".join(f"{conversation} ({', '.join(revisions)})" for conversation, revisions in names.items())
        yield f"## {number}. {said_in}\n"
        yield "From " + ", ".join(sorted({f"<{found['specification']}>" for found in all_of_it})) + ".\n"
        for face, text in (("stdio", reference), (all_of_it[0]["face"], other)):
            yield f"{face}:\n\n~~~text\n{text.rstrip()}\n~~~\n"


def read(path):
    """A report, without the name of the folder that the server ran in."""
    return json.loads(path.read_text().replace(str(HERE), "."))


text = ["# Differences between transports of other servers\n"]
text.append("Written by summary.py from the reports of run.sh; [../parity-of-others.md](../parity-of-others.md) says what they mean.\n")
text.append("Where no revision is named, it is all that are spoken. `>` was sent, `<` came back; of conversations that differ in the same way, one is shown from where it does.")
text.append("The two transcripts of each are in the folder [transcripts](transcripts).\n")
(HERE / "transcripts").mkdir(exist_ok=True)
for path in sorted((HERE / "results").glob("*.json")):
    report = read(path)
    text.extend(section(path.stem, report))
    (HERE / "transcripts" / f"{path.stem}.md").write_text("\n".join(transcripts(path.stem, report)).rstrip() + "\n")
(HERE / "differences.md").write_text("\n".join(text).rstrip() + "\n")
