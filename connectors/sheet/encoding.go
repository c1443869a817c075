package sheet

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// The encodings of text files that are told apart.
const (
	utf8Plain = "UTF-8"
	utf8BOM   = "UTF-8 with BOM"
	utf16     = "UTF-16"
	gb18030   = "GB18030"
)

// decodeText turns the bytes of a text file into UTF-8 and names the encoding. want is one that the mapping names, or "". A BOM decides, then
// whether everything is UTF-8, then whether everything is GB18030 (which includes GBK and GB2312) and reads like Chinese.
func decodeText(data []byte, want string) (content []byte, name string, err error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		content, name = data[3:], utf8BOM
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		content, err = decodeWith(unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), data)
		return content, utf16, err
	case want == gb18030 || want == "" && !utf8.Valid(data) && !nearlyUTF8(data):
		content, err = decodeGB(data)
		return content, gb18030, err
	default:
		content, name = data, utf8Plain
	}
	if bytes.IndexByte(content, 0) >= 0 {
		return nil, name, unreadable("它不是文本（含有零字节）；Excel 文件应以 .xlsx 结尾，文本文件应为 UTF-8 或 GB18030 编码", "it holds zero bytes and is no text; Excel files end in .xlsx, text files are UTF-8 or GB18030")
	}
	return bytes.ToValidUTF8(content, []byte("\uFFFD")), name, nil
}

func decodeWith(e encoding.Encoding, data []byte) ([]byte, error) {
	content, err := e.NewDecoder().Bytes(data)
	if err != nil {
		return nil, unreadable("解码失败：%v", "decoding: %v", err)
	}
	return content, nil
}

// nearlyUTF8 tells UTF-8 with some damage from another encoding: nearly all bytes beyond ASCII belong to whole UTF-8 characters.
func nearlyUTF8(data []byte) bool {
	whole, stray := 0, 0
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			stray++
		} else {
			whole++
		}
		i += size
	}
	return whole > 50*stray
}

// decodeGB decodes GB18030; the decoder marks what is wrong with U+FFFD instead of failing, and other encodings decode to rare characters.
func decodeGB(data []byte) ([]byte, error) {
	content, err := decodeWith(simplifiedchinese.GB18030, data)
	if err != nil {
		return nil, err
	}
	if i := bytes.Index(content, []byte("\uFFFD")); i >= 0 {
		line := 1 + bytes.Count(content[:i], []byte("\n"))
		return nil, unreadable("它既不是 UTF-8 也不是 GB18030 编码（第 %d 行）；请另存为“CSV UTF-8”后再试；如果它本是 Excel 文件，则没有下载完整或已损坏，请重新下载", "it is neither UTF-8 nor GB18030: line %d holds bytes of another encoding; save it as “CSV UTF-8” and try again; if it is an Excel file, it is damaged or was not downloaded whole", line)
	}
	if !readsChinese(data) {
		return nil, unreadable("无法判断它的编码：按 GB18030 读出来不是正常的中文；请另存为“CSV UTF-8”后再试，或在映射文件里写明编码", "its encoding is not known: read as GB18030 it is no ordinary Chinese; save it as “CSV UTF-8” and try again, or name the encoding in the mapping")
	}
	return content, nil
}

// readsChinese judges double bytes by where they lie: in running Chinese nearly all are of GB 2312 level 1 (B0–D7) or punctuation (A1–A3), while
// other encodings read as GB18030 fall anywhere. Names of people and places reach into level 2, so half is enough.
func readsChinese(data []byte) bool {
	common, all := 0, 0
	for i := 0; i < len(data); {
		b := data[i]
		if b < 0x81 || i+1 >= len(data) {
			i++
			continue
		}
		next := data[i+1]
		if next >= '0' && next <= '9' { // four bytes: rare characters
			i, all = i+4, all+1
			continue
		}
		if next >= 0xA1 && (b >= 0xB0 && b <= 0xD7 || b >= 0xA1 && b <= 0xA3) {
			common++
		}
		i, all = i+2, all+1
	}
	return all < 8 || 2*common >= all
}
