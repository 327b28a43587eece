// The whole script of the page: each part looks after its own.

import * as composer from "./composer.js";
import * as live from "./live.js";
import * as models from "./models.js";
import * as settings from "./settings.js";
import * as sidebar from "./sidebar.js";
import { follow } from "./scroll.js";

settings.start();
composer.start();
sidebar.start();
models.start();
follow();
live.start();
document.body.dataset.started = "";
