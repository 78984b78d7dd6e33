"""A mirror takes in one change, at two sizes; beside it jsonpatch, which checks less."""

from itertools import count

import jsonpatch
from rounds import Case, report
from served import Served, table
from transports import Client


def cases() -> list[Case]:
    """Give what is compared."""
    found: list[Case] = []
    for leaves in (10, 100_000):
        model = table(leaves)
        served = Served(model)
        client = Client()
        for frame in served.first:
            client.recv(frame)
        revisions = count(served.session.rev)

        def run(
            client: Client = client,
            id: int = served.id,
            at: int = leaves // 10 - 1,
            revisions: "count[int]" = revisions,
        ) -> None:
            base = next(revisions)
            client.recv(
                f'{{"t":"patch","id":{id},"base":{base},"rev":{base + 1},"ops":'
                f'[{{"op":"replace","path":"/rows/{at}/a","value":{base}}}]}}'
            )

        found.append(Case(f"{leaves} leaves", run, found[0].what if found else None))
    document = table(10).model_dump()
    text = '[{"op":"replace","path":"/rows/0/a","value":1}]'
    found.append(
        Case("jsonpatch, 10 leaves", lambda: jsonpatch.apply_patch(document, text, in_place=True))
    )
    found[0].to = "jsonpatch, 10 leaves"
    return found


if __name__ == "__main__":
    report(cases())
