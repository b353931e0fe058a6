"""Fact kinds of promises. The label is the kind of promise."""

from quxin.ledger.kinds import declare

MADE = declare("commitment.made", "提出的承诺", "Promise made", label="承诺类型")
PUBLISHED = declare("commitment.published", "公开的承诺", "Promise published", label="承诺类型")
CHANGED = declare("commitment.changed", "公开后改动", "Promise changed after publication", label="承诺类型")
EXTENDED = declare("commitment.extended", "承诺延期", "Promise extended", label="承诺类型")
PROGRESS = declare("commitment.progress", "承诺进展", "Progress on a promise", label="承诺类型")
KEPT = declare("commitment.kept", "兑现的承诺", "Promise kept", label="承诺类型")
UNKEPT = declare("commitment.unkept", "未兑现的承诺", "Promise not kept", label="承诺类型")
