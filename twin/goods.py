"""What the synthetic shop sells. Titles, prices and margins are invented; no brand is meant."""

from __future__ import annotations

from dataclasses import dataclass

LETTERS = ("S", "M", "L", "XL", "XXL")
SHOES = ("36", "37", "38", "39", "40", "41", "42", "43")
NONE: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Goods:
    """``price_fen`` is the list price; ``variants`` are written as the shop writes them: 黑色 L. ``demand`` is how often
    they are bought against others."""

    sku: str
    title: str
    category: str
    price_fen: int
    cost_fen: int
    variants: tuple[str, ...] = NONE
    demand: float = 1.0


def _range(
    prefix: str, category: str, margin_percent: int, rows: tuple[tuple[str, int, tuple[str, ...]], ...]
) -> tuple[Goods, ...]:
    """Rows of (title, list price in yuan, variants); margins lie within five points of the category's."""
    return tuple(
        Goods(
            sku=f"{prefix}{number:03d}",
            title=title,
            category=category,
            price_fen=yuan * 100 - 10,
            cost_fen=yuan * (100 - margin_percent - (number * 3) % 11 + 5),
            variants=variants,
        )
        for number, (title, yuan, variants) in enumerate(rows, start=1)
    )


def _of(colours: str, sizes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{colour} {size}" for colour in colours.split() for size in sizes)


GOODS: tuple[Goods, ...] = (
    *_range(
        "FS",
        "服饰",
        45,
        (
            ("羊毛混纺双面呢大衣", 699, _of("驼色 黑色", LETTERS)),
            ("轻薄羽绒服短款", 459, _of("白色 黑色", LETTERS)),
            ("法式碎花连衣裙", 239, _of("蓝色 红色", LETTERS)),
            ("纯棉圆领短袖T恤", 79, _of("白色 黑色 灰色", LETTERS)),
            ("高腰直筒牛仔裤", 169, _of("浅蓝色 深蓝色", LETTERS)),
            ("防晒衣轻薄外套", 149, _of("浅紫色 白色", LETTERS)),
            ("桑蚕丝衬衫", 329, _of("杏色 白色", LETTERS)),
            ("加绒卫衣宽松连帽", 189, _of("灰色 墨绿色", LETTERS)),
            ("冰丝阔腿裤", 129, _of("黑色 卡其色", LETTERS)),
            ("羊绒围巾", 259, ("驼色", "灰色")),
        ),
    ),
    *_range(
        "XL",
        "鞋",
        42,
        (
            ("云感缓震跑鞋", 399, _of("黑色 白色", SHOES)),
            ("头层牛皮乐福鞋", 359, _of("黑色 棕色", SHOES)),
            ("厚底帆布鞋", 129, _of("米色 黑色", SHOES)),
            ("防滑登山徒步鞋", 429, _of("棕色 灰色", SHOES)),
            ("软底妈妈鞋", 159, _of("黑色 红色", SHOES)),
            ("加绒雪地靴", 219, _of("栗色 黑色", SHOES)),
            ("女士尖头高跟鞋", 279, _of("裸色 黑色", SHOES)),
            ("儿童魔术贴运动鞋", 149, _of("蓝色 粉色", SHOES[:5])),
        ),
    ),
    *_range(
        "SM",
        "手机数码",
        12,
        (
            ("5G智能手机 12GB+256GB", 2999, ("黑色", "银色", "蓝色")),
            ("5G智能手机 16GB+512GB", 4299, ("黑色", "银色")),
            ("降噪蓝牙耳机", 399, ("白色", "黑色")),
            ("11英寸平板电脑", 1999, ("灰色", "银色")),
            ("智能手表运动版", 899, ("黑色", "绿色")),
            ("氮化镓快充充电器", 129, NONE),
            ("移动固态硬盘 1TB", 529, NONE),
            ("机械键盘热插拔", 299, ("红轴", "茶轴")),
            ("无线鼠标静音款", 69, ("黑色", "白色")),
            ("轻薄笔记本电脑 14英寸", 4699, ("银色", "灰色")),
        ),
    ),
    *_range(
        "JD",
        "家电",
        20,
        (
            ("1.5匹变频挂机空调", 2599, NONE),
            ("10公斤滚筒洗衣机", 2399, NONE),
            ("破壁豆浆机", 399, NONE),
            ("空气炸锅 5L", 329, NONE),
            ("无线手持吸尘器", 899, NONE),
            ("即热式饮水机", 459, NONE),
            ("55英寸4K电视", 2199, NONE),
            ("加湿器大雾量", 159, NONE),
            ("扫拖一体机器人", 1899, NONE),
        ),
    ),
    *_range(
        "SP",
        "食品",
        30,
        (
            ("每日坚果礼盒 30包", 119, NONE),
            ("原切牛排套餐 10片", 199, NONE),
            ("五常大米 10斤", 69, NONE),
            ("云南小粒咖啡 40条", 59, NONE),
            ("阳澄湖大闸蟹礼券 8只", 328, NONE),
            ("低温鲜牛奶 12瓶", 89, NONE),
            ("手工酥皮蛋黄酥", 49, NONE),
            ("赣南脐橙 9斤", 55, NONE),
        ),
    ),
    *_range(
        "MZ",
        "美妆",
        55,
        (
            ("玻尿酸补水面膜 20片", 99, NONE),
            ("哑光丝绒口红", 129, ("正红色", "豆沙色", "枫叶色")),
            ("氨基酸洁面乳", 79, NONE),
            ("烟酰胺精华液", 239, NONE),
            ("防晒霜 SPF50", 139, NONE),
            ("轻透气垫粉底", 189, ("象牙白", "自然色")),
            ("修护身体乳", 69, NONE),
            ("香氛护手霜三支装", 59, NONE),
        ),
    ),
    *_range(
        "JJ",
        "家居",
        38,
        (
            ("全棉四件套 1.8米床", 329, ("灰色", "蓝色")),
            ("记忆棉护颈枕", 129, NONE),
            ("乳胶床垫 1.5米", 1299, NONE),
            ("北欧实木餐桌", 1599, ("原木色", "胡桃色")),
            ("人体工学椅", 899, ("黑色", "灰色")),
            ("遮光窗帘定制", 259, ("灰色", "米色")),
            ("不粘炒锅 32cm", 159, NONE),
            ("真空保温杯 500ml", 89, ("白色", "蓝色")),
            ("收纳箱三件套", 79, NONE),
        ),
    ),
    *_range(
        "MY",
        "母婴",
        32,
        (
            ("婴儿纸尿裤 L码 4包", 299, NONE),
            ("宝宝连体衣纯棉", 99, ("66码", "73码", "80码", "90码")),
            ("婴儿推车可折叠", 899, ("灰色", "卡其色")),
            ("儿童安全座椅", 1099, ("黑色", "红色")),
            ("大颗粒积木 120粒", 169, NONE),
            ("新生儿奶瓶套装", 159, NONE),
            ("孕妇护腰枕", 139, NONE),
        ),
    ),
    *_range(
        "TS",
        "图书",
        35,
        (
            ("中国通史绘本全套12册", 168, NONE),
            ("小学生科普百科 8册", 128, NONE),
            ("考研英语真题详解", 79, NONE),
            ("家常菜一本就够", 45, NONE),
            ("长篇小说精装典藏版", 88, NONE),
            ("Python数据分析入门", 69, NONE),
        ),
    ),
    *_range(
        "YD",
        "运动",
        36,
        (
            ("家用折叠跑步机", 1699, NONE),
            ("加厚瑜伽垫", 99, ("紫色", "灰色")),
            ("羽毛球拍双拍套装", 189, NONE),
            ("可调节哑铃 20公斤", 359, NONE),
            ("双人露营帐篷", 459, ("军绿色", "卡其色")),
            ("公路自行车 24速", 1399, ("黑色", "白色")),
            ("速干运动套装", 159, _of("黑色 蓝色", LETTERS)),
        ),
    ),
)

BY_SKU = {goods.sku: goods for goods in GOODS}
