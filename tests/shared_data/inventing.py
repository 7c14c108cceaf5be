"""Invented people and what they say of themselves: names, numbers and doors that nobody has, in sentences.

The sentences of each kind stand in two halves: the finder was tuned with ``TUNED`` alone, ``HELD`` back.
"""

import random

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石"
    "姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦"
    "向柳邢骆岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项成裴席卫查屈鲍霍翁景柏宁柯阮桂闵柴车房边吉饶瞿戚丘米池滕晋"
)
COMPOUND = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "皇甫",
    "令狐",
    "司徒",
    "夏侯",
    "慕容",
    "尉迟",
    "东方",
    "端木",
    "南宫",
    "长孙",
)
GIVEN = [
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "磊",
    "洋",
    "艳",
    "勇",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "霞",
    "平",
    "刚",
    "鹏",
    "玲",
    "军",
    "丹",
    "萍",
    "红",
    "健",
    "辉",
    "力",
    "欢",
    "畅",
    "雷",
    "帅",
    "旭",
    "亮",
    "斌",
    "琳",
    "波",
    "倩",
    "楠",
    "峰",
    "建国",
    "建军",
    "建华",
    "志强",
    "志刚",
    "志明",
    "秀英",
    "秀兰",
    "秀珍",
    "秀荣",
    "桂英",
    "桂兰",
    "桂芝",
    "玉兰",
    "玉梅",
    "玉珍",
    "淑珍",
    "淑华",
    "淑兰",
    "淑英",
    "凤英",
    "凤兰",
    "春梅",
    "冬梅",
    "红梅",
    "小红",
    "小明",
    "小军",
    "海燕",
    "晓燕",
    "丽华",
    "丽娟",
    "丽娜",
    "国强",
    "国栋",
    "国庆",
    "文静",
    "文博",
    "宝贵",
    "宝珠",
    "长海",
    "长顺",
    "德福",
    "德胜",
    "振华",
    "振国",
    "永福",
    "永强",
    "福生",
    "福来",
    "铁柱",
    "大勇",
    "大伟",
    "卫东",
    "卫国",
    "援朝",
    "立新",
    "立军",
    "新民",
    "爱华",
    "爱民",
    "俊杰",
    "俊峰",
    "浩然",
    "浩宇",
    "子轩",
    "子涵",
    "梓涵",
    "梓萱",
    "雨桐",
    "雨欣",
    "雨泽",
    "思远",
    "思琪",
    "一诺",
    "一鸣",
    "欣怡",
    "诗涵",
    "宇轩",
    "宇航",
    "博文",
    "天佑",
    "嘉怡",
    "嘉豪",
    "佳琪",
    "佳慧",
    "若曦",
    "若彤",
    "可馨",
    "语嫣",
    "沐宸",
    "奕辰",
    "芷若",
    "紫萱",
    "晨曦",
    "泽宇",
    "明轩",
    "昊天",
    "瑞雪",
    "静怡",
    "婉清",
    "书瑶",
    "墨涵",
    "凯旋",
    "守义",
    "守信",
    "树林",
    "金凤",
    "金花",
    "银环",
    "来喜",
    "有才",
    "根生",
    "水生",
    "满仓",
    "翠花",
    "巧云",
    "彩霞",
    "荷花",
    "兰香",
    "素芬",
    "惠芳",
    "慧敏",
    "雅琴",
    "洪亮",
    "洪波",
    "少华",
    "少杰",
    "庆丰",
    "庆祥",
    "学文",
    "学军",
    "培林",
    "继红",
    "继业",
    "忠义",
    "忠诚",
    "广林",
    "兴旺",
]
TUNED_NAMES = (
    "我叫{}，住在附近多年。",
    "本人{}，退休教师。",
    "联系人：{}。",
    "业主{}多次反映无人理会。",
    "{}女士来电反映此事。",
    "{}先生对处理结果不满意。",
    "楼上邻居{}半夜搬桌子。",
    "物业经理{}答应三天内解决，至今没有下文。",
    "昨天{}把车横在消防通道上。",
    "我去找{}理论，对方态度恶劣。",
    "{}和他爱人都是残疾人。",
    "上周{}在楼道里堆了一堆纸箱。",
    "请转告{}尽快回电。",
    "姓名：{}，性别：女。",
    "当事人{}，男，六十二岁。",
    "我母亲{}今年八十岁，行动不便。",
    "负责人{}一直不接电话。",
    "租客{}拖欠房租三个月。",
    "这件事{}最清楚。",
    "{}说这不归他管。",
    "被{}骂了一顿。",
    "孩子叫{}，在附近上小学。",
    "司机{}拒绝打表。",
    "由{}牵头成立了筹备组。",
    "楼长{}也来看过。",
    "{}于十月十二日在门口摔伤。",
    "您好，我是{}，想反映一个问题。",
    "反映人{}请求回访。",
    "申请人姓名为{}。",
    "户主{}已去世两年。",
    "隔壁的{}养了三条大狗。",
    "保安{}当时就在旁边看着。",
    "{}阿姨七十多岁了，爬楼困难。",
    "老板娘{}当众推人。",
    "我丈夫{}被辞退后没有拿到补偿。",
    "我们都认识{}，不会认错。",
    "{}私自把露台封了起来。",
    "前天晚上{}喝醉了砸门。",
    "跟{}沟通过五六次都没有用。",
    "居委会的{}登记过这件事。",
    "当时在场的有{}等人。",
    "签合同的是{}，收款的也是他。",
    "对{}的行为我们很气愤。",
    "求助者{}，持有残疾证。",
    "如需了解情况可以问{}。",
    "{}（女）系本楼居民。",
    "网格员{}上门核实过一次。",
    "房东{}不退押金。",
    "希望{}当面道歉。",
    "后来{}又带人来闹。",
    "因为{}不同意，电梯一直装不上。",
    "打人的叫{}。",
)
HELD_NAMES = (
    "这里是{}，我想投诉一下停车收费。",
    "投诉人姓名{}。",
    "监护人为{}。",
    "二层的{}长期扰民。",
    "老伴{}去年做过手术。",
    "收费员{}没有给发票。",
    "{}大爷腿脚不便，上下楼靠人背。",
    "{}女士再次来电催办。",
    "先生{}称，小区路灯坏了一个月。",
    "儿媳妇{}刚生完孩子。",
    "我认为{}的做法不合适。",
    "今天上午{}在群里骂人。",
    "凌晨两点{}还在唱歌。",
    "与{}协商未果。",
    "承办人{}已电话联系。",
    "在{}的带领下，大家凑钱修了门。",
    "合同上签的是{}的名字。",
    "听{}讲，街道早就知道。",
    "多亏{}帮忙才送到医院。",
    "{}、我和楼下的大姐一起去的。",
    "请物业的{}给个说法。",
    "{}多次违规充电。",
    "后厨的{}没有健康证。",
    "具体问题请联系{}核实。",
    "老赵不在，是{}接待的我。",
    "签收人写的是{}。",
)
TUNED_PHONES = (
    "联系电话{}。", "我的手机号是{}，请回电。", "请拨打{}联系我。", "打{}找我本人。", "有事打{}。", "电话：{}（请在晚上打）。", "来电号码{}。", "手机{}微信同号。", "对方留的是{}，一直关机。",
    "物业值班电话{}没人接。", "换号了，现在用{}。", "可以发短信到{}。",
)  # fmt: skip
HELD_PHONES = (
    "回访请打{}，谢谢。", "Tel:{}。", "我爱人的号码{}也可以。", "中介用{}给我打过电话。", "号是{}，下班后方便。", "期待回复（{}）。", "联系方式 {} 。", "盼复，{}。", "骚扰电话是{}打来的。", "家里座机或者手机{}都行。",
    "本人电话号码为{}，随时可以联系。", "他让我记下{}这个号。",
)  # fmt: skip
TUNED_IDS = (
    "身份证号：{}。",
    "身份证号码{}，请核实。",
    "本人证件号{}。",
    "他的身份证是{}。",
    "（{}）是我的身份证号。",
    "公民身份号码为{}。",
    "登记时填的是{}。",
    "公积金按{}查不到。",
)
HELD_IDS = (
    "ID号{}。",
    "用身份证{}办的卡。",
    "系统里查{}显示已销户。",
    "身份证：{}，男。",
    "社保登记号{}。",
    "我把{}报给了窗口。",
    "证号{}，请代为查询。",
    "居民身份证号 {} 。",
)
TUNED_CARDS = (
    "银行卡号{}。",
    "请退到{}。",
    "钱打到了工行{}。",
    "卡号是{}，户名是我。",
    "账号：{}。",
    "收款账户{}。",
    "押金转入{}后就失联了。",
    "工资卡{}一直没到账。",
)
HELD_CARDS = (
    "开户行建设银行，{}。",
    "我的卡{}被扣了三次钱。",
    "退款请打 {} 。",
    "农行卡{}。",
    "对方发来的卡是{}。",
    "补贴应发到{}上。",
    "储蓄卡 {} 已冻结。",
    "帐号{}，请核对。",
)
TUNED_PLATES = (
    "车牌号{}。",
    "一辆{}长期占用消防通道。",
    "{}的车主不挪车。",
    "白色轿车{}堵在门口。",
    "被{}刮了。",
    "牌照是{}。",
    "看到{}掉头逃逸。",
    "僵尸车（{}）停了半年。",
)
HELD_PLATES = (
    "车号{}，司机态度恶劣。",
    "出租车{}拒载。",
    "那辆{}又停在盲道上。",
    "我的车是{}，被贴了条。",
    "渣土车{}半夜撒漏。",
    "请联系{}挪车。",
    "监控拍到{}。",
    "网约车 {} 绕路。",
)
TUNED_DOORS = (
    "我住{}。", "家住{}。", "地址：{}。", "{}的住户装修扰民。", "{}漏水到我家。", "本人是{}的业主。", "住在{}，暖气不热。", "{}有人养鸡。", "{}改成了群租房。", "位于{}。", "问题发生在{}。", "户籍在{}。",
    "请到{}查看。", "{}隔成了六间出租。", "快递送到{}被拒。", "我是{}居民。", "楼上{}天天弹琴。", "{}室内噪声很大。", "反映{}违建。", "老人独居在{}。",
)  # fmt: skip
HELD_DOORS = (
    "我家在{}。", "{}，请上门维修。", "投诉{}深夜打麻将。", "{}长期无人居住却用水异常。", "现住址为{}。", "家庭住址 {} 。", "就是{}那家。", "希望去{}看看。", "因{}装修，墙面开裂。", "我租的房子在{}。", "{}的下水道堵了。",
    "房产证上写的是{}。", "工作人员可到{}找我。", "{}邻居占用楼道。", "他们在{}开了麻将馆。", "父母住{}，没有电梯。", "从{}往下扔垃圾。", "把{}的门锁换了。", "（{}）外墙脱落。", "收件地址写{}即可。",
)  # fmt: skip
HAN = "零一二三四五六七八九"


class Inventor:
    """Invents by a seed: the same names, numbers and doors every time."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def _digits(self, count: int) -> str:
        return "".join(self.chance.choice("0123456789") for _ in range(count))

    def name(self) -> str:
        """Return a full name, now and then with a compound surname or both parents' surnames."""
        given = self.chance.choice(GIVEN)
        kind = self.chance.random()
        if kind < 0.08:
            return self.chance.choice(COMPOUND) + given
        if kind < 0.11 and len(given) == 2:
            return (
                self.chance.choice("王李张刘陈杨赵黄")
                + self.chance.choice("周吴徐孙胡朱林郭")
                + given
            )
        return self.chance.choice(SURNAMES) + given

    def phone(self) -> str:
        """Return a mobile number of no network or a landline of no exchange, written somehow."""
        number = self.chance.choice(("129", "120", "121", "128", "126")) + self._digits(8)
        a, b, c = number[:3], number[3:7], number[7:]
        line = "0" + self._digits(7)
        return self.chance.choice((
            number, number, number, f"{a} {b} {c}", f"{a}-{b}-{c}", f"+86{number}", f"+86 {a} {b} {c}", f"86-{number}", f"0086{number}",
            wide(number), spoken(number), spoken(number, "幺"), f"{a}－{b}－{c}", f"{a}　{b}　{c}", f"{spoken(a)} {spoken(b)} {spoken(c)}",
            f"010-{line}", f"010{line}", f"(010){line}", f"010－{line}", f"010-{line}转{self._digits(3)}", f"0312-{line}-{self._digits(4)}",
        ))  # fmt: skip

    def identity(self) -> str:
        """Return an identity number of somebody born in the nineteenth century, right or with a slip."""
        body = (
            "110108"
            + f"18{self.chance.randrange(10, 99)}{self.chance.randrange(1, 13):02d}{self.chance.randrange(1, 29):02d}"
            + self._digits(3)
        )
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        check = "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
        if self.chance.random() < 0.2:
            check = self.chance.choice("0123456789X")
        number = body + check
        return self.chance.choice((
            number, number, number.lower(), wide(number), f"{number[:6]} {number[6:14]} {number[14:]}", f"{number[:6]}-{number[6:14]}-{number[14:]}",
            spoken(number[:17]) + number[17],
        ))  # fmt: skip

    def card(self) -> str:
        """Return a bank number of an issuer that is none, of 16 to 19 digits."""
        number = "62999" + self._digits(self.chance.choice((11, 14)))
        fours = [number[at : at + 4] for at in range(0, len(number), 4)]
        return self.chance.choice((number, number, " ".join(fours), "-".join(fours), wide(number)))

    def plate(self) -> str:
        """Return a plate in a series that is not given out (I and O), old or of new energy."""
        place = self.chance.choice("京津冀晋鲁豫沪苏粤")
        letter = self.chance.choice("AENPQ")
        body = self.chance.choice((
            "O" + self._digits(4), "I" + self._digits(4), "DO" + self._digits(4), "FI" + self._digits(4), self._digits(3) + "IO",
        ))  # fmt: skip
        dot = self.chance.choice(("", "", "", "·", " ", "-"))
        plate = f"{place}{letter}{dot}{body}"
        return self.chance.choice((plate, plate, plate.lower(), wide(plate)))

    def door(self) -> str:
        """Return a door of a street that is none, written somehow."""
        pick, chance = self.chance.choice, self.chance
        road = pick(
            ("银杏坡路", "槐荫里", "松风街", "望山北里", "听涛园", "南柯胡同", "云杉家园", "")
        )
        yard = pick(
            (
                "",
                f"{chance.randrange(1, 40)}号院",
                f"甲{chance.randrange(1, 20)}号院",
                f"乙{chance.randrange(1, 9)}号",
            )
        )
        house, unit, floor = (
            chance.randrange(1, 30),
            chance.randrange(1, 9),
            chance.randrange(1, 20),
        )
        room = f"{floor}{chance.randrange(1, 9):02d}"
        said = "".join(HAN[int(d)] for d in room)
        return pick((
            f"{road}{yard}{house}号楼{unit}单元{room}室", f"{road}{yard}{house}号楼{unit}单元{room}", f"{road}{yard}{house}号楼{room}室", f"{road}{house}栋{unit}单元{room}",
            f"{road}{yard}{house}-{unit}-{room}", f"{house}号楼{unit}单元{room}室", f"{road}{pick('ABC')}座{room}室", f"{road}{HAN[unit]}号楼{HAN[pick((1, 2, 3))]}单元{said}",
            f"{road}{house}号楼{unit}门{room}号", f"{road}{house}楼{unit}单元{room}号", f"{unit}单元{room}室", f"{road}{house}#{unit}单元{room}", f"{HAN[unit]}单元{said}室",
            f"{road}{wide(f'{house}')}号楼{wide(f'{unit}')}单元{wide(room)}室", f"{road}{house}幢{room}室", f"南柯胡同{house}号", f"{road}平房{house}号", f"{road}{house}号楼{floor}层{room}室",
        ))  # fmt: skip


def wide(text: str) -> str:
    """Return the text in full width."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def spoken(number: str, one: str = "一") -> str:
    """Return a number in Chinese digits."""
    return "".join(one if sign == "1" else HAN[int(sign)] for sign in number)


KINDS = {  # kind: (how it is invented, the sentences the finder was tuned with, those held back)
    "name": (Inventor.name, TUNED_NAMES, HELD_NAMES),
    "phone": (Inventor.phone, TUNED_PHONES, HELD_PHONES),
    "identity": (Inventor.identity, TUNED_IDS, HELD_IDS),
    "bank": (Inventor.card, TUNED_CARDS, HELD_CARDS),
    "plate": (Inventor.plate, TUNED_PLATES, HELD_PLATES),
    "door": (Inventor.door, TUNED_DOORS, HELD_DOORS),
}
