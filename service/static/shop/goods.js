import { icon } from "../widget/dom.js";

// The title says more than the category, whose names are the shop's own. The first match wins.
const KINDS = [
  { kind: "shoe", words: /鞋|靴/, path: "M3 16v-5l4-3 3 4 6 2.5 4 1V18H3zM9 11l2-1.5M12 13l1.5-1.5M3 18v1.5h17V18" },
  {
    kind: "bed",
    words: /床|被|枕|四件套/,
    path: "M3 6v13M3 16h18v3M21 16v-3a3 3 0 0 0-3-3h-8v6M6.5 10.5a1.5 1.5 0 1 0 .01 0z",
  },
  { kind: "tv", words: /电视|显示器|投影/, path: "M3 5h18v11H3zM8 20h8M12 16v4" },
  {
    kind: "book",
    words: /书|册|图书|绘本/,
    path: "M12 6c-2-1.5-5-2-8-2v14c3 0 6 .5 8 2 2-1.5 5-2 8-2V4c-3 0-6 .5-8 2zM12 6v14",
  },
  {
    kind: "baby",
    words: /婴|宝宝|新生儿|奶瓶|推车|母婴/,
    path: "M9 3h6M10 3v3M14 3v3M8 9a3 3 0 0 1 8 0v10a2 2 0 0 1-2 2h-4a2 2 0 0 1-2-2zM12 12h4M12 15h4",
  },
  { kind: "tent", words: /帐篷|露营|户外/, path: "M12 4 3 19h18zM12 4v15M12 11l-4 8M12 11l4 8" },
  {
    kind: "bike",
    words: /自行车|骑行/,
    path: "M6 12a4 4 0 1 0 .01 0zM18 12a4 4 0 1 0 .01 0zM6 16l3.5-7h5L18 16M9.5 9 13 16H6M13 16l1.5-7V6.5H17M8 7h3",
  },
  {
    kind: "wear",
    words: /衣|裙|裤|衫|外套|羽绒|卫|围巾|帽|服饰|T恤|女装|男装/i,
    path: "M8 4 3 7l2 4 2-1v10h10V10l2 1 2-4-5-3c-.5 2-2 3-4 3S8.5 6 8 4z",
  },
  {
    kind: "sound",
    words: /耳机|音箱|音响|麦克风/,
    path: "M4 14v-2a8 8 0 0 1 16 0v2M4 14h3v6H5.5A1.5 1.5 0 0 1 4 18.5zM20 14h-3v6h1.5a1.5 1.5 0 0 0 1.5-1.5z",
  },
  {
    kind: "watch",
    words: /手表|手环|腕表/,
    path: "M9 7l.7-4h4.6L15 7M9 17l.7 4h4.6l.7-4M7 12a5 5 0 1 0 10 0 5 5 0 1 0-10 0zM12 9.5V12l1.800 1.200",
  },
  {
    kind: "phone",
    words: /手机|平板|充电|数据线/,
    path: "M8 3h8a1.5 1.5 0 0 1 1.5 1.5v15A1.5 1.5 0 0 1 16 21H8a1.5 1.5 0 0 1-1.5-1.5v-15A1.5 1.5 0 0 1 8 3zM11 18h2",
  },
  {
    kind: "desk",
    words: /键盘|鼠标|电脑|笔记本|数码/,
    path: "M3 8h18v9H3zM6 11h.01M9 11h.01M12 11h.01M15 11h.01M18 11h.01M8 14h8",
  },
  { kind: "seat", words: /椅|沙发|桌|柜|家具|家居/, path: "M7 4h10v8H7zM5 12h14v3H5zM7 15v5M17 15v5M7 8h10" },
  {
    kind: "pot",
    words: /锅|壶|杯|碗|盘|刀|厨/,
    path: "M4 10h16v5a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4zM2 12h2M20 12h2M8 7c0-1 1-1 1-2M12 7c0-1 1-1 1-2M16 7c0-1 1-1 1-2",
  },
  {
    kind: "power",
    words: /加湿|净化|风扇|饮水|豆浆|炸锅|吸尘|电器|家电|灯|取暖|吹风|微波|烤箱|冰箱|洗衣/,
    path: "M8 3h8l2 18H6zM8.5 9h7M12 13a2.200 2.200 0 1 0 .01 0zM10 6h4",
  },
  {
    kind: "toy",
    words: /积木|玩具|童|拼图/,
    path: "M4 12h8v8H4zM12 12h8v8h-8zM8 4h8v8H8zM6.5 12v-1.5M17.5 12v-1.5M12 4V2.5",
  },
  {
    kind: "food",
    words: /礼券|蟹|咖啡|茶|零食|坚果|食品|水果|生鲜|牛奶|酒|饮料/,
    path: "M5 9h12v6a5 5 0 0 1-5 5h-2a5 5 0 0 1-5-5zM17 11h1.5a2.5 2.5 0 0 1 0 5H17M9 6c0-1.5 1-1.5 1-3M13 6c0-1.5 1-1.5 1-3",
  },
  {
    kind: "care",
    words: /护肤|面霜|精华|口红|身体乳|香水|美妆|个护|面膜/,
    path: "M8 10h8v11H8zM10 10V7h4v3M11 7V3h3M8 15h8",
  },
  {
    kind: "sport",
    words: /球|瑜伽|跑步|健身|运动/,
    path: "M12 3a9 9 0 1 0 .01 0zM3.5 9c5 1 12 1 17 0M3.5 15c5-1 12-1 17 0M12 3v18",
  },
];
const PARCEL = "M4 8l8-4 8 4v9l-8 4-8-4zM4 8l8 4 8-4M12 12v9M8 6l8 4";

/** The picture of an order: a drawing by kind of goods on a colour of its own. */
export function tile(order) {
  const named =
    KINDS.find(({ words }) => words.test(order.title)) ?? KINDS.find(({ words }) => words.test(order.category ?? ""));
  const picture = document.createElement("div");
  picture.className = "tile";
  picture.dataset.kind = named?.kind ?? "parcel";
  picture.append(icon(named?.path ?? PARCEL));
  return picture;
}
