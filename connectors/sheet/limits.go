package sheet

import (
	"errors"
	"fmt"
)

// The kinds of failure of a whole file; test with errors.Is.
var (
	// ErrFile says that the file is not a table that can be read, and why.
	ErrFile = errors.New("the file cannot be read as a table")
	// ErrLimit says that the file is larger than allowed, packed or unpacked.
	ErrLimit = errors.New("the file is too large")
	// ErrMapping says that a mapping file is wrong, or does not fit the file.
	ErrMapping = errors.New("the mapping cannot be used")
)

// Limits bound what a file may cost.
type Limits struct {
	Bytes    int64 // of the file as it comes
	Unpacked int64 // of all parts of an xlsx file that are read, together
	Ratio    int64 // of a packed part's size to its unpacked size, for parts of more than a megabyte
	Sheets   int
	Rows     int // that are not empty, in the sheet that is read
	Columns  int
	Cell     int // bytes of one cell
	Problems int // that are kept by cell; all are counted
	Failed   int // rows that the corrected copy holds
}

// DefaultLimits are roomy for what people keep in tables and cost seconds at most.
func DefaultLimits() Limits {
	return Limits{
		Bytes: 64 << 20, Unpacked: 512 << 20, Ratio: 300, Sheets: 100, Rows: 600_000, Columns: 256, Cell: 4096, Problems: 1000, Failed: 5000,
	}
}

// tooLarge and unreadable say why a whole file is refused and what would help, in both languages: the error is also a Reason.
func tooLarge(zh, en string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrLimit, because(zh, en, args...))
}

func unreadable(zh, en string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrFile, because(zh, en, args...))
}
