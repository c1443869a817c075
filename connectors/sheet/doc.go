// Package sheet reads customers, orders and activities from the tables that people keep (Excel and CSV), and writes tables for them.
//
//	bytes ──Open──▶ File ──Read(mapping or guess)──▶ Result: records, problems by cell, a preview, what was ignored
//	                  └────Corrected──▶ the rows that failed, with the column 问题, to be fixed and read again
//	Table ──Write──▶ xlsx or CSV
//
// A file is foreign input: everything is bounded (Limits), no formula is ever computed (only its stored value counts), and whatever
// cannot be read is a Problem with sheet, row, column and what was expected, beside which the good rows are kept.
//
// Excel files are read by a stream of our own over archive/zip and encoding/xml, one row in memory at a time: hidden rows and columns,
// merged areas, and formulas without a stored value cannot be seen by a library's row stream without loading the whole sheet. They
// are written with excelize.
package sheet
