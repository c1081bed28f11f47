"""``tourniquet import``: files of other systems, line by line: what is right is written, what is not is set aside with why."""
