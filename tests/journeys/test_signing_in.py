import world


def sign_in(page, name, password=world.PASSWORD):
    page.goto("/sign-in")
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def fits(page):
    """Whether nothing makes the page scroll sideways."""
    page.wait_for_load_state("domcontentloaded")  # else a page that has only begun has no width yet
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_supervisor_signs_in_sees_where_the_county_is_below_the_floor_and_opens_a_township(page):
    sign_in(page, "county", "wrong password")
    assert page.get_by_role("alert").inner_text().startswith("账号或密码不正确")
    assert fits(page)
    sign_in(page, "county")
    assert page.get_by_role("heading", level=1).inner_text() == "江孜县：哪里还不够？"
    assert page.get_by_text("还差 8 户").count() == 2
    assert fits(page)
    page.get_by_role("link", name="江孜镇").click()
    page.wait_for_url("**area=540222100")
    assert page.get_by_text("第1村").is_visible()
    assert fits(page)


def test_the_language_is_switched_on_the_page_and_stays(page):
    sign_in(page, "county")
    if page.viewport_size["width"] < 768:
        page.get_by_role("button", name="菜单").click()
    page.get_by_label("语言").select_option("en")
    page.wait_for_selector("html[lang=en]")
    page.goto("/")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("button", has_text="Sign out").count() == 1  # folded away on a phone


def test_signing_out_ends_the_session(page):
    sign_in(page, "surveyor")
    page.get_by_text("还没有分配给您的家庭").wait_for()
    if page.viewport_size["width"] < 768:
        page.get_by_role("button", name="菜单").click()
        page.locator(".navbar-collapse.show").wait_for()  # unfolded: what still moves cannot be hit
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/sign-in")
    page.goto("/")
    assert "/sign-in" in page.url


def test_a_table_is_sorted_by_its_heading_and_the_address_remembers_it(page):
    sign_in(page, "city")
    page.goto("/?area=540222")
    if page.viewport_size["width"] < 768:
        return_to_first = page.locator("tbody tr").first.inner_text()
        assert "江孜镇" in return_to_first  # cards on a phone keep the server's order
        return
    page.get_by_role("button", name="区划").click()
    page.get_by_role("button", name="区划").click()
    assert "卡麦乡" in page.locator("tbody tr").first.inner_text()
    page.reload()
    assert "卡麦乡" in page.locator("tbody tr").first.inner_text()
