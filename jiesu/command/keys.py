"""``jiesu keys``: the key ring, new keys, and sealing what was kept before there were any."""

from argparse import Namespace
from collections.abc import Callable

from rich.progress import Progress

from jiesu.command.words import Stopped, say
from jiesu.core import environment, vault
from jiesu.org.models import Office
from jiesu.service import resealing
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind


def show(asked: Namespace) -> int:
    """Print which keys there are and how old; never what they are made of."""
    ring = _ring()
    print(f"密钥文件 {environment.keys()}")
    print(f"主密钥   {ring.master}  {ring.made_at[:10]} 起用")
    print(f"索引密钥 {ring.index_made_at[:10]} 起用")
    for key in ring.data.values():
        state = f"{key.destroyed_at[:10]} 已销毁" if key.secret is None else "在用"
        if key.secret is not None and ring.newest[key.month] != key.number:
            state = "只开不封"
        print(f"数据密钥 {key.number:>4}  {key.month}  {key.made_at[:10]}  {state}")
    return 0


def rotate(asked: Namespace) -> int:
    """Wrap all keys by a new master key; with ``--data`` seal everything by new data keys too."""
    _ring()
    mark = vault.rotate()
    say(
        f"已换新主密钥 {mark}，所有密钥已重新包裹。请把新的密钥文件另行备份，与数据库备份分开存放。"
    )
    made = 0
    if asked.data:
        months = sorted(vault.ring().newest)
        numbers = vault.renew(months)
        made = len(numbers)
        say(f"已为 {made} 个月份各生成新的数据密钥，正在逐批重新加密，中断后再执行会接着做。")
    if asked.data or asked.resume:
        done = _with_bar("重新加密", resealing.reseal)
        say(
            f"已重新加密 {done:,} 条。旧数据密钥仍能打开以前的数据库备份，备份到期后由到期清除一并销毁。"
        )
    for office in Office.objects.all():
        leave(Kind.SECURITY, actor=None, office=office.pk, subject="keys", master=mark, data=made)
    return 0


def seal(asked: Namespace) -> int:
    """Seal and mask what was kept before. Done by every start as well; run again it finds nothing."""
    done = _with_bar("加密", resealing.seal_old)
    say(f"已加密 {done:,} 件。" if done else "没有要加密的：案件和佐证都已加密。")
    return 0


def _ring() -> vault.Ring:
    try:
        return vault.ring()
    except vault.Unsafe as unsafe:
        raise Stopped(str(unsafe)) from None


def _with_bar(words: str, work: Callable[[Callable[[int, int], None]], int]) -> int:
    with Progress(transient=True) as bar:
        task = bar.add_task(words, total=None)
        return work(lambda done, total: bar.update(task, completed=done, total=total))
