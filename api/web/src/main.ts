// What every page loads: the house's style, Tabler's menus, htmx's parts, and tables that sort and filter.
import "@tabler/core/dist/css/tabler.min.css";
import "./main.css";
import "@tabler/core";
import "htmx.org";
import { wireControls } from "./controls";
import { wireKeys } from "./keys";
import { wireParts } from "./parts";
import { wirePhotos, wireReasons } from "./photos";
import { wireTables } from "./tables";
import { wireTwins } from "./twins";

wireParts();
wireControls();
wireKeys();
wirePhotos();
wireReasons();
wireTables();
wireTwins();
document.addEventListener("htmx:after:swap", () => wireTables());
