"""``python -m sampling plan|draw|verify|estimate``: the library for a statistician with files and no server."""

import argparse
import io
import sys
from collections.abc import Sequence

from sampling.commands.drawing import draw, verify_files
from sampling.commands.estimating import estimate
from sampling.commands.planning import plan
from sampling.errors import SamplingError


def parser() -> argparse.ArgumentParser:
    """Return the parser of all four commands."""
    main = argparse.ArgumentParser(prog="python -m sampling", description="公开抽签：计划、抽取、复核、估计")
    commands = main.add_subparsers(required=True, metavar="plan|draw|verify|estimate")

    one = commands.add_parser("plan", help="冻结名册、定各层户数，写出掷骰前公布的文件")
    source = one.add_mutually_exclusive_group(required=True)
    source.add_argument("--roll", help="名册 CSV: household_code,stratum (或 township,scheme,band)[,size|order]")
    source.add_argument("--frame", help="已冻结的 frame.csv")
    one.add_argument("--draw-id", required=True, help="本次抽签编号")
    one.add_argument("--entropy-rule", default="dice:20", help="如 drand:quicknet:27946612|dice:20")
    one.add_argument("--previous", help="上一次抽签的 manifest.json")
    one.add_argument("--county", type=int, default=30, help="全县下限 %% (30 起)")
    one.add_argument("--scheme", type=int, default=30, help="城市、农村各自下限 %%")
    one.add_argument("--township", type=int, default=30, help="每乡镇每类别下限 %%")
    one.add_argument("--band", action="append", default=[], metavar="BAND=PERCENT", help="某风险段下限 %%")
    one.add_argument("--certain", action="append", default=[], metavar="STRATUM", help="必查的层")
    one.add_argument("--spread", help="CSV: stratum,spread (各层标准差)")
    one.add_argument("--total", type=int, help="总户数；不给则取满足全部下限的最少户数")
    one.add_argument("--reserve", type=int, default=50, metavar="PERCENT", help="备用户占抽取户的 %%")
    one.add_argument("--method", default="srs", choices=["srs", "pareto", "systematic"], help="抽样方法")
    one.add_argument("--out", required=True, help="写入的目录")
    one.set_defaults(run=plan)

    two = commands.add_parser("draw", help="用公开掷出的数字抽取")
    for name in ("frame", "plan", "manifest"):
        two.add_argument(f"--{name}", required=True)
    two.add_argument("--entropy", required=True, help="按规则顺序，各来源数字以 | 相连")
    two.add_argument("--out", default="draw.json")
    two.add_argument("--certificate", help="另写出证书：一个文件含计划、承诺书与名单")
    two.add_argument("--published-at", default="", help="承诺书指纹公布的时间，写入证书 (UTC，如 2018-06-20T02:00:00Z)")
    two.add_argument("--key", help="key.csv: 另写出入户名单 (不公开)")
    two.add_argument("--list", default="visits.csv", help="入户名单写到")
    two.set_defaults(run=draw)

    three = commands.add_parser("verify", help="由公开文件复核")
    three.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="frame.csv plan.json manifest.json draw.json，或 certificate.json frame.csv entropy.txt",
    )
    three.set_defaults(run=verify_files)

    four = commands.add_parser("estimate", help="由完成的入户估计发现率与金额")
    four.add_argument("--plan", required=True)
    four.add_argument("--draw", required=True)
    four.add_argument("--frame", help="frame.csv，只在按规模抽取时需要")
    four.add_argument("--visits", required=True, help="CSV: leaf,finding[,amount]")
    four.add_argument("--amount", action="store_true", help="同时估计 amount 的合计 (元)")
    four.add_argument("--largest", type=float, help="一户金额的上限 (元)")
    four.add_argument("--confidence", type=float, default=95, help="置信水平 %%")
    four.set_defaults(run=estimate)
    return main


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command: 0 done (or same), 1 different, 2 refused."""
    given = parser().parse_args(arguments)
    try:
        code: int = given.run(given)
    except (SamplingError, OSError) as refused:
        sys.stderr.write(f"未执行 refused: {refused}\n")
        return 2
    return code


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(main())
