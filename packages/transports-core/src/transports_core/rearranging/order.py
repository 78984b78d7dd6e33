"""Rearranging a list by giving the order of all its items at once."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transports_core.rearranging.rearrangement import Rearrangement


def rearrange_by_order(plan: "Rearrangement", numbers: list[int], old_length: int) -> None:
    """Fill in the steps that make the new list.

    Args:
        plan: The steps, still empty.
        numbers: The new list: kept items by their old position, others from `old_length` on.
        old_length: The length of the old list.
    """
    if len(numbers) == old_length and max(numbers, default=0) < old_length:
        plan.order = numbers
        return
    new = [number for number in numbers if number >= old_length]
    gone = sorted(set(range(old_length)).difference(numbers))
    plan.replaced = dict(zip(new, gone, strict=False))
    plan.removed = gone[len(new) :]
    slots = _lay_out(plan, numbers, old_length) if new else numbers
    if plan.removed:
        ranks = {old: rank for rank, old in enumerate(sorted(slots))}
        slots = [ranks[old] for old in slots]
    plan.order = slots


def _lay_out(plan: "Rearrangement", numbers: list[int], old_length: int) -> list[int]:
    """Find where the new items go that replace none; give the old ones between them, in order."""
    slots: list[int] = []
    # Those behind the last slot so far.
    trailing: list[tuple[int, int]] = []
    for position, number in enumerate(numbers):
        old = number if number < old_length else plan.replaced.get(number)
        if old is None:
            trailing.append((position, number))
        else:
            slots.append(old)
            plan.added += trailing
            trailing.clear()
    plan.appended = [number for _, number in trailing]
    return slots
