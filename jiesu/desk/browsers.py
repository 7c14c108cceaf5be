"""Browsers in words: what a person recognises their own log-in by."""

# looked for in this order: each later one claims to be the ones before it as well
BROWSERS = (
    ("MicroMessenger", "微信"), ("DingTalk", "钉钉"), ("Edg", "Edge"), ("QQBrowser", "QQ 浏览器"),
    ("QihooBrowser", "360 浏览器"), ("UBrowser", "UC 浏览器"), ("HuaweiBrowser", "华为浏览器"),
    ("Firefox", "火狐"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("OpenHarmony", "鸿蒙"), ("HarmonyOS", "鸿蒙"), ("Android", "安卓"), ("iPhone", "iPhone"),
    ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Kylin", "麒麟"), ("UOS", "统信"),
    ("Linux", "Linux"),
)  # fmt: skip


def said(agent: str) -> str:
    """“Edge · Windows”; what is not known is said to be so."""
    browser = next((word for mark, word in BROWSERS if mark in agent), "其他浏览器")
    system = next((word for mark, word in SYSTEMS if mark in agent), "其他系统")
    return f"{browser} · {system}"
