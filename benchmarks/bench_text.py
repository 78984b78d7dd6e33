"""A token is appended to a text of 100 kB, and sent."""

from rounds import Case, report
from served import Served, Table


def cases() -> list[Case]:
    """Give what is compared."""
    model = Table(text="word " * 20_000)
    served = Served(model)
    holder = Table(text=model.text)

    def limit() -> None:
        holder.text += "tok "
        holder.text = holder.text[4:]

    def run() -> None:
        model.text += "tok "
        served.flush()
        if len(model.text) > 110_000:
            model.text = model.text[:100_000]

    return [
        Case("copy the text twice", limit),
        Case("append and flush", run, "copy the text twice"),
    ]


if __name__ == "__main__":
    report(cases())
