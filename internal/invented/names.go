package invented

import (
	"math/rand/v2"
	"strings"

	"tram/internal/care/patient"
)

// people are the names of one of the region's peoples, and the language that
// most of them would rather speak at the window.
type people struct {
	name     string // as written in the register
	language string // BCP 47
	family   []string
	middle   [2][]string // men's, women's
	given    [2][]string
}

// share says how many in a hundred belong to a people at a place.
type share struct {
	of      *people
	percent int
}

func list(s string) []string { return strings.Fields(s) }

var (
	thai = &people{
		name: "Thái", language: "blt", family: list("Lò Quàng Cà Tòng Lường Vì Cầm Bạc Lù Mè Khoàng Điêu Lèo"),
		middle: [2][]string{list("Văn Văn Văn Văn Thanh Đức"), list("Thị")},
		given: [2][]string{
			list("Ín Pâng Tiến Hặc Xôm Panh Biên Hùng Thoan Inh Phanh Ún Thương Dũng Sơn Lả Chiến Pọm Hoan Yên Chung Thắng Ánh Muôn Nọi Dương Bun Hịa"),
			list("Ọi Hương Pản Inh Biên Thơm Hoa Ương Lả Xuân Phương Dung"),
		},
	}
	mong = &people{
		name: "Mông", language: "hmn", family: list("Giàng Vàng Sùng Mùa Thào Lầu Hạng Chá Cứ Hờ Sình Vừ Ly Tráng"),
		middle: [2][]string{list("A"), list("Thị")},
		given: [2][]string{
			list("Páo Chứ Dế Tủa Lử Chu Dơ Nủ Súa Chớ Phứ Dia Sính Giống Lềnh Sáng Pó Hồ Nhè Dình Khua Tồng Dủa Vảng Sếnh Chía Lồng"),
			list("Mỷ Dợ Sua Pàng Mai Dí Chư Dua Xúa"),
		},
	}
	kinh = &people{
		name: "Kinh", language: "vi", family: list("Nguyễn Trần Lê Phạm Vũ Đỗ Bùi Hoàng Đặng Ngô"),
		middle: [2][]string{list("Văn Đức Minh Quốc Xuân Hữu"), list("Thị Thị Thu Ngọc")},
		given: [2][]string{
			list("Cường Hải Long Tuấn Nam Thành Hưng Quân Toàn Bình Khánh Việt"),
			list("Hà Lan Nga Thảo Yến Hạnh"),
		},
	}
	khmu = &people{
		name: "Khơ Mú", language: "kjg", family: list("Lường Quàng Moong Cút Lò Vì"),
		middle: [2][]string{list("Văn"), list("Thị")},
		given: [2][]string{
			list("Hom Phanh Xương Chanh Lún Pành Kheo Thín Môn Ngoan"),
			list("Lun Chăn Hương Ón"),
		},
	}
	dao = &people{
		name: "Dao", language: "ium", family: list("Chảo Tẩn Phàn Lý Lồ Bàn"),
		middle: [2][]string{list("Láo A Sài Vần Phù"), list("Mùi Sử Mẩy")},
		given: [2][]string{
			list("Sử Tả Lở Pú San Chiêu Lụ Ú"),
			list("Mẩy Pham Nái"),
		},
	}
)

var (
	villageHeads = list("Nà Huổi Pa Co Hua Phiêng Nậm Xá Ten Pú")
	villageTails = list("Lướng Sáy Pháy Hịa Lậu Nguồng Xanh Đươi Khoáng Cọ Lếch Ngám Mong Bó")
)

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

// chance is true n times in ten thousand.
func chance(r *rand.Rand, n int) bool { return r.IntN(10_000) < n }

// between is a number from lo to hi, both included.
func between(r *rand.Rand, lo, hi int) int { return lo + r.IntN(hi-lo+1) }

func anyPeople(r *rand.Rand, mix []share) *people {
	n := r.IntN(100)
	for _, s := range mix {
		if n -= s.percent; n < 0 {
			return s.of
		}
	}
	return mix[0].of
}

// name is a name of this people that is not taken at the place.
func (p *people) nameOf(r *rand.Rand, woman bool, taken map[string]bool) string {
	i := 0
	if woman {
		i = 1
	}
	for {
		n := pick(r, p.family) + " " + pick(r, p.middle[i]) + " " + pick(r, p.given[i])
		if !taken[n] {
			taken[n] = true
			return n
		}
		// A large place has more people than these lists have names: two names
		// given together are common enough.
		n += " " + pick(r, p.given[i])
		if !taken[n] {
			taken[n] = true
			return n
		}
	}
}

// details are what the register would hold of an invented person. Some things
// are not known, as in every register.
func (w *world) details() patient.Details {
	r := w.people
	of := anyPeople(r, w.place.mix)
	woman := r.IntN(100) < 6
	d := patient.Details{
		Name: of.nameOf(r, woman, w.names), Sex: patient.Male, Ethnic: of.name, Commune: pick(r, w.place.communes),
		Village: "Bản " + pick(r, villageHeads) + " " + pick(r, villageTails), Note: Disclaimer,
	}
	if woman {
		d.Sex = patient.Female
	}
	year, _, _ := w.first.Civil()
	d.Birth.Year = year - age(r)
	if n := r.IntN(100); n >= 38 {
		d.Birth.Month = between(r, 1, 12)
		if n >= 45 {
			d.Birth.Dom = between(r, 1, 28)
		}
	}
	if r.IntN(100) < 74 {
		d.Phone = phone(r)
	}
	if r.IntN(100) < 72 {
		d.Language = of.language
	} else if r.IntN(100) < 60 {
		d.Language = "vi"
	}
	return d
}

// age is 25 to 55 for nine people in ten.
func age(r *rand.Rand) int {
	switch n := r.IntN(100); {
	case n < 5:
		return between(r, 20, 24)
	case n < 95:
		return (between(r, 25, 55) + between(r, 25, 55)) / 2
	}
	return between(r, 56, 63)
}

// phone is a number that nobody can have: no network begins with 0000.
func phone(r *rand.Rand) string {
	digits := []byte("0000 000 000")
	for _, i := range []int{5, 6, 7, 9, 10, 11} {
		digits[i] = byte('0' + r.IntN(10))
	}
	return string(digits)
}
