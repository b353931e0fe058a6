"""Every component on one page, with made-up words: for those who build pages, and for the tests of the look.

Shown only where DEBUG or the demonstration is on. The data here are examples of shapes, never of the product's numbers.
"""

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

PAGES = {
    "components": "ui/gallery.html",
    "promise": "ui/gallery_promise.html",
    "evaluate": "ui/gallery_evaluate.html",
    "poster": "ui/poster.html",
}
GROUPS = {"": "今日要办", "闭环": "部署 承诺 落实 学习活动 评议 定级 整改", "底册": "制度 表彰 报告 组织"}
CITIES = ["苏州", "南京", "无锡", "常州", "南通", "扬州", "镇江", "泰州", "盐城", "徐州", "淮安", "连云港", "宿迁"]
LAMPS = ("kept", "kept", "going", "kept", "due", "kept", "late", "none")


def gallery(request: HttpRequest, name: str = "components") -> HttpResponse:
    """One page of examples; 404 outside DEBUG and the demonstration, and for unknown names."""
    if not (settings.DEBUG or getattr(settings, "DEMO", False)) or name not in PAGES:
        raise Http404
    if request.headers.get("HX-Request") or request.GET.get("panel"):
        return render(request, "ui/gallery_panel.html", {"panel": PANEL})
    return render(request, PAGES[name], examples())


class ExampleForm(forms.Form):
    """A form with one of each control and, bound to nothing, one of each error."""

    title = forms.CharField(label="活动名称", max_length=40, help_text="写清楚做了什么，不写口号。")
    held_on = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label="类别", choices=[("lecture", "大讲堂"), ("theme-day", "主题党日")])
    heads = forms.IntegerField(label="参加人次", min_value=0, help_text="同一个人来几次算几次。")
    tasks = forms.MultipleChoiceField(
        label="对应的任务", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[("12", "任务 12 · 质检大讲堂"), ("13", "任务 13 · 集体学习")],
    )  # fmt: skip
    agree = forms.BooleanField(label="内容不涉密", help_text="本系统不得录入涉密内容。")
    words = forms.CharField(label="经过", required=False, widget=forms.Textarea(attrs={"rows": 3}))


PANEL: dict[str, Any] = {
    "title": "近2000人次",
    "rows": [
        {"title": "指标", "value": "大讲堂 · 参加人次"},
        {"title": "范围", "value": "质检总局（含直属）"},
        {"title": "期间", "value": "2010-04 — 2010-11"},
        {"title": "实数", "value": "1,960 人次"},
        {"title": "写法", "value": "“近2000”成立（差 2.0%）"},
        {"title": "封存", "value": "#0412 · 根 9f3c…e1", "href": "#seal"},
    ],
    "facts": [
        {"on": date(2010, 5, 20), "title": "政府信息公开条例", "href": "#a", "quantity": 520},
        {"on": date(2010, 6, 24), "title": "宏观质量管理", "href": "#b", "quantity": 480},
        {"on": date(2010, 8, 12), "title": "廉政准则", "href": "#c", "quantity": 510},
        {"on": date(2010, 10, 21), "title": "第四讲", "href": "#d", "quantity": 450},
    ],
    "total": 1960,
    "unit": "人次",
    "corrections": 0,
    "as_of": datetime(2010, 11, 30, 0, 30, tzinfo=UTC),
    "all_href": "#all",
}


def examples() -> dict[str, Any]:
    """The context of every gallery page."""
    return frame() | lists() | promise() | {"panel": PANEL} | forms_() | poster()


def frame() -> dict[str, Any]:
    """What the desk's and the portal's frames show."""
    titles = [(group, title) for group, text in GROUPS.items() for title in text.split()]
    here = "报告"
    return {
        "nav": [
            {"title": t, "href": f"#{i}", "here": t == here, "group": g, "key": "hbcdfjkmnprst"[i], "count": 2 * (i == 0)}
            for i, (g, t) in enumerate(titles)
        ],
        "crumbs": [{"title": "报告", "href": "#"}, {"title": "以质取胜、创先争优", "href": "#"}],
        "org_switch": {
            "title": "江苏省市场监督管理局",
            "options": [{"title": f"{c}市市场监督管理局", "href": "#", "here": c == "南京"} for c in CITIES[:4]],
            "search_href": "#",
        },
        "period_switch": {"title": "2026年第四季度", "options": [{"title": "2026年第三季度", "href": "#"}]},
        "search_href": "#", "inbox": {"href": "#", "count": 3}, "help_href": "#",
        "account": {"name": "支部书记", "role": "特种设备处党支部 · 书记", "links": [{"title": "我的档案", "href": "#"}],
                    "logout_href": "#"},
        "user_key": "gallery",
        "place": "江苏省市场监管系统公开承诺",
        "links": [{"title": "承诺墙", "href": "#", "here": True}, {"title": "单位", "href": "#"}, {"title": "核验", "href": "#"}],
        "foot_links": [{"title": "怎样核验", "href": "#"}, {"title": "无障碍说明", "href": "#"}],
        "desk_href": "#",
    }  # fmt: skip


def lists() -> dict[str, Any]:
    """To-dos, tables, boards, charts."""
    board = [
        {
            "title": f"{city}市市场监督管理局",
            "cells": [
                {"state": s, "text": "–" if s == "none" else "12/12" if s == "kept" else f"{3 + (i + j) % 8}/12"}
                for j, s in enumerate(LAMPS[(3 * i + k) % 8] for k in range(6))
            ],
            "rate": f"{99.2 - i * 1.37:.1f}%",
        }
        for i, city in enumerate(CITIES)
    ]
    months = [f"2026年{m}月" for m in range(1, 11)]
    return {
        "todos": [
            {"title": "补记“三季度主题党日”参加人员", "href": "#", "note": "以质取胜、创先争优 · 任务 12 · 由省局机关党委交办",
             "when": "逾期 2 天", "on": date(2026, 11, 19), "state": "late"},
            {"title": "审核党员公开承诺 5 份", "href": "#", "note": "其中 2 份含模糊表述，系统已标出", "when": "今天",
             "on": date(2026, 11, 21), "state": "today"},
            {"title": "确认自评得分（已由台账预填 86%）", "href": "#", "note": "“四强”党支部评定 2026",
             "when": "11月24日 周二", "on": date(2026, 11, 24), "state": ""},
        ],
        "columns": [
            {"title": "承诺事项", "sort": "title"}, {"title": "衡量"}, {"title": "完成", "num": True, "sort": "done"},
            {"title": "期限", "sort": "due"}, {"title": "状态"},
        ],
        "promises": [
            {"title": "特种设备检验报告 5 个工作日内出具", "unit": "按时率", "text": "98.6%", "due": date(2026, 12, 31),
             "state": "going", "word": "践诺中"},
            {"title": "走访 40 家小微企业，问题件件有回音", "unit": "家", "text": "31", "whole": 40,
             "due": date(2026, 11, 30), "state": "due", "word": "还剩 9 天"},
            {"title": "“实验室开放日”每季一次", "unit": "次", "text": "4", "whole": 4, "due": date(2026, 11, 15),
             "state": "kept", "word": "已兑现"},
            {"title": "窗口服务差评 3 日内答复", "unit": "答复率", "text": "92.3%", "due": date(2026, 10, 31),
             "state": "late", "word": "未兑现 · 已说明"},
        ],
        "board": board,
        "board_columns": [{"title": "单位"}]
        + [{"title": t} for t in ("万企质量服务", "可靠性对比", "口岸督导", "大讲堂", "六个一", "公开承诺")]
        + [{"title": "按期率", "num": True, "sort": "rate"}],
        "months": list(zip(months, (88.0, 89.5, 91.0, None, 90.2, 92.8, 93.1, 93.0, 93.9, 94.2), strict=True)),
        "months_values": [88.0, 89.5, 91.0, None, 90.2, 92.8, 93.1, 93.0, 93.9, 94.2],
        "peers": [(f"{city}市局", round(99.2 - i * 1.37, 1)) for i, city in enumerate(CITIES)],
        "tabs": [{"title": "任务", "href": "#", "here": True, "count": 35}, {"title": "单位", "href": "#", "count": 13},
                 {"title": "六个一", "href": "#"}],
        "chips": [{"title": "状态：逾期", "href": "#"}, {"title": "层级：设区市", "href": "#"}],
        "changes": [
            {"title": "衡量办法", "before": "当月按时出具份数 ÷ 出具总份数", "after": "累计按时出具份数 ÷ 出具总份数"},
            {"title": "理由", "before": "", "after": "与省局口径一致"},
        ],
        "files": [
            {"title": "大讲堂第四讲签到表.xlsx", "href": "#", "kind": "xlsx", "size": "48 kB", "on": date(2010, 10, 21),
             "by": "人事司", "hash": "9f3c…e1"},
            {"title": "会议纪要.docx", "href": "#", "kind": "docx", "size": "112 kB", "on": date(2010, 10, 22)},
        ],
    }  # fmt: skip


def promise() -> dict[str, Any]:
    """A promise with its history and voices."""
    return {
        "promise": {
            "title": "电梯检验报告 5 个工作日内出具",
            "rows": [
                {"title": "承诺人", "value": "特种设备处党支部 · 2026年3月2日"},
                {"title": "衡量办法", "value": "按时出具份数 ÷ 出具总份数，不低于 98%"},
                {"title": "眼下", "value": "98.6%", "href": "?panel=1", "figure": True, "big": True,
                 "note": "（2,114 份中 2,084 份）"},
                {"title": "兑现期限", "value": "2026年12月31日", "note": "还有 40 天"},
                {"title": "由谁核验", "value": "南京市计量监督检测院（非承诺单位）"},
            ],
        },
        "history": [
            {"on": date(2026, 11, 18), "text": "十月数据入账：按时率 98.9%。", "href": "#", "link": "看依据", "now": True},
            {"on": date(2026, 7, 6), "strong": "承诺有改动：", "text": "衡量办法由“当月”改为“累计”。", "href": "#",
             "link": "改前改后对照", "note": "理由：与省局口径一致", "changed": True},
            {"on": date(2026, 3, 2), "text": "公开承诺，上墙、上网。"},
            {"on": date(2026, 2, 25), "text": "机关党委审核：退回一次，“尽快出具”改为“5 个工作日”。"},
        ],
        "grades": [
            {"title": "非常满意", "count": 201, "share": 64.4, "state": "kept", "href": "?panel=1"},
            {"title": "满意", "count": 93, "share": 29.8, "state": "kept", "href": "?panel=1"},
            {"title": "基本满意", "count": 11, "share": 3.5, "state": "going", "href": "?panel=1"},
            {"title": "不满意", "count": 5, "share": 1.6, "state": "due", "href": "?panel=1"},
            {"title": "非常不满意", "count": 2, "share": 0.6, "state": "late", "href": "?panel=1"},
        ],
        "choices": ["非常满意", "满意", "基本满意", "不满意", "非常不满意"],
        "wall": [
            {"title": "电梯检验报告 5 个工作日内出具", "by": "南京市局 · 特种设备处党支部", "state": "going", "word": "践诺中"},
            {"title": "走访 40 家小微企业，问题件件有回音", "by": "苏州市局 · 质量处党支部", "state": "due", "word": "还剩 9 天"},
            {"title": "“实验室开放日”每季一次", "by": "无锡市计量测试院党总支", "state": "kept", "word": "已兑现"},
        ],
    }  # fmt: skip


def forms_() -> dict[str, Any]:
    """A fresh form and one that came back with errors."""
    bound = ExampleForm({"title": "", "held_on": "2010-13-01", "kind": "lecture", "heads": "-3"}, auto_id="bad_%s")
    return {"form": ExampleForm(), "bound": bound}


def poster() -> dict[str, Any]:
    """A poster to print, on a server that makes no PDF."""
    dark = "M0 0h7v7H0zM14 0h7v7h-7zM0 14h7v7H0zM9 2h2v2H9zM9 9h4v4H9zM15 15h3v3h-3z"
    return {
        "poster": {
            "title": "电梯检验报告 5 个工作日内出具",
            "organisation": "南京市市场监督管理局特种设备处党支部",
            "lines": ["目标：98%", "兑现期限：2026年12月31日", "由谁核验：南京市计量监督检测院"],
            "call": "扫一扫，看承诺、看进展、评一评",
            "url": "https://quxin.example.cn/promises/k7m2p9/",
            "qr": f'<svg viewBox="-4 -4 29 29"><path d="{dark}"/></svg>',
            "size": "A4",
            "scale": "130",
        },
        "sizes": [{"title": "A4", "href": "#a4", "here": True}, {"title": "A3", "href": "#a3"}],
        "font_package": "fonts-noto-cjk",
        "back_href": "#",
    }
