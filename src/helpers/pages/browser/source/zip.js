/** Zip an XLSX file in this thread: the library's web workers would violate the content security policy. */

import { zipSync } from "fflate";

export default async (files) => zipSync(files).buffer;
