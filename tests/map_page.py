"""The map as a browser shows it: wait for it, and read which pieces can be seen."""

import world


def sign_in(page, name):
    page.goto("/sign-in")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(world.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/")


def until(page, answers):
    """Wait until a function answers yes; the page's own policy forbids to have it wait by itself."""
    for _ in range(400):  # forty seconds: machines of tests are slow
        if answers():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never came true")


def shown(page):
    """The pieces that can be seen, household and purpose, once all tiles are there."""
    until(page, lambda: page.evaluate("ruhuMap.areTilesLoaded() && !ruhuMap.isMoving()"))
    page.wait_for_timeout(500)  # signs fade in
    found = page.evaluate(
        "ruhuMap.queryRenderedFeatures({layers: ['pieces']}).map(({properties: p}) => p.household + ' ' + p.purpose)"
    )
    return sorted(set(found))
