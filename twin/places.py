"""Where the synthetic shop ships from and to. Streets, receivers and phone numbers are invented."""

from __future__ import annotations

from dataclasses import dataclass

from retention.order import Address
from twin.dice import Dice


@dataclass(frozen=True, kw_only=True)
class Place:
    """``days`` is the usual transit; ``weight`` how many of the shop's customers live there."""

    province: str
    city: str
    districts: tuple[str, ...]
    warehouse: str
    days: float
    weight: float


def _place(province: str, city: str, districts: str, warehouse: str, days: float, weight: float) -> Place:
    return Place(
        province=province,
        city=city,
        districts=tuple(districts.split()),
        warehouse=warehouse,
        days=days,
        weight=weight,
    )


EAST, SOUTH, NORTH, CENTRE, WEST = "嘉兴仓", "东莞仓", "廊坊仓", "武汉仓", "成都仓"

PLACES: tuple[Place, ...] = (
    _place("上海市", "上海市", "浦东新区 徐汇区 闵行区", EAST, 1.0, 8),
    _place("浙江省", "杭州市", "西湖区 余杭区 滨江区", EAST, 1.0, 7),
    _place("浙江省", "宁波市", "鄞州区 海曙区", EAST, 1.0, 4),
    _place("江苏省", "南京市", "鼓楼区 江宁区 建邺区", EAST, 1.2, 6),
    _place("江苏省", "苏州市", "姑苏区 吴中区", EAST, 1.0, 5),
    _place("安徽省", "合肥市", "蜀山区 包河区", EAST, 1.5, 4),
    _place("福建省", "厦门市", "思明区 湖里区", EAST, 2.0, 3),
    _place("广东省", "广州市", "天河区 海珠区 番禺区", SOUTH, 1.0, 8),
    _place("广东省", "深圳市", "南山区 福田区 宝安区", SOUTH, 1.0, 8),
    _place("广东省", "佛山市", "禅城区 南海区", SOUTH, 1.0, 4),
    _place("广西壮族自治区", "南宁市", "青秀区 西乡塘区", SOUTH, 2.0, 3),
    _place("海南省", "海口市", "龙华区 美兰区", SOUTH, 3.0, 1.5),
    _place("北京市", "北京市", "朝阳区 海淀区 丰台区", NORTH, 1.0, 8),
    _place("天津市", "天津市", "南开区 河西区", NORTH, 1.0, 3),
    _place("河北省", "石家庄市", "长安区 裕华区", NORTH, 1.3, 4),
    _place("山东省", "济南市", "历下区 市中区", NORTH, 1.5, 5),
    _place("山东省", "青岛市", "市南区 崂山区", NORTH, 1.7, 4),
    _place("辽宁省", "沈阳市", "和平区 铁西区", NORTH, 2.0, 3),
    _place("黑龙江省", "哈尔滨市", "南岗区 道里区", NORTH, 2.6, 2.5),
    _place("内蒙古自治区", "呼和浩特市", "新城区 赛罕区", NORTH, 3.0, 1.5),
    _place("湖北省", "武汉市", "武昌区 洪山区 江汉区", CENTRE, 1.0, 6),
    _place("湖南省", "长沙市", "岳麓区 雨花区", CENTRE, 1.3, 5),
    _place("河南省", "郑州市", "金水区 二七区", CENTRE, 1.3, 6),
    _place("江西省", "南昌市", "东湖区 红谷滩区", CENTRE, 1.6, 3),
    _place("四川省", "成都市", "武侯区 锦江区 高新区", WEST, 1.0, 7),
    _place("重庆市", "重庆市", "渝中区 江北区", WEST, 1.2, 5),
    _place("陕西省", "西安市", "雁塔区 碑林区", WEST, 1.8, 5),
    _place("云南省", "昆明市", "五华区 盘龙区", WEST, 2.2, 3),
    _place("甘肃省", "兰州市", "城关区 七里河区", WEST, 3.0, 1.5),
    _place("新疆维吾尔自治区", "乌鲁木齐市", "天山区 沙依巴克区", WEST, 5.0, 1.5),
    _place("西藏自治区", "拉萨市", "城关区 堆龙德庆区", WEST, 6.0, 0.5),
)
WEIGHTS = tuple(place.weight for place in PLACES)

CARRIERS = ("迅风速运", "圆捷快递", "百里快运", "山河物流")
CARRIER_WEIGHTS = (35, 30, 22, 13)

STREETS = ("解放路", "人民路", "中山路", "建设大道", "文化路", "学府街", "滨河路", "长江路", "新华街", "和平路")


def address(dice: Dice, place: Place, receiver: str) -> Address:
    """Phone numbers start with 100, which no subscriber has."""
    return Address(
        province=place.province,
        city=place.city,
        district=dice.pick(place.districts),
        detail=f"{dice.pick(STREETS)}{dice.whole(1, 299)}号{dice.whole(1, 20)}栋{dice.whole(1, 32)}0{dice.whole(1, 6)}室",
        receiver=receiver,
        phone=f"100{dice.whole(0, 99_999_999):08d}",
    )
