"""The words that the map's script says, in Chinese, to be translated; the script itself holds none."""

from typing import Final

WORDS: Final = {
    "pieces": "地图上 {n} 条取证",
    "placed": "另有 {n} 条没有位置",
    "none": "没有符合条件的取证。放宽筛选，或等调查员上报。",
    "loading": "正在载入……",
    "failed": "没有载入。请检查网络后重试。",
    "cells": "圆圈：这一格的取证条数",
    "doubt_share": "疑点比例",
    "coverage": "入户覆盖率",
    "error_rate": "错保率 (按抽查估计，取区间下限)",
    "no_figures": "没有数据",
    "doubt": "存疑",
    "look": "留意",
    "home": "名册上的住处",
    "zoom_in": "放大",
    "zoom_out": "缩小",
    "draw_hint": "按住并拖动，圈出要看的取证；按 Esc 取消",
    "synthetic": "边界为演示用虚构边界",
    "no_webgl": "这台设备的浏览器不能显示地图 (不支持 WebGL)。请改看表格。",
    "filters": "筛选条件",
    "all": "全部取证",
    "printed": "打印时间",
    "north": "上北",
}
