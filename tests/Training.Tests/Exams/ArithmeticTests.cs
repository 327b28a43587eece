using System.Globalization;
using System.Numerics;
using Causerie.Training.Exams;

namespace Causerie.Training.Tests.Exams;

public sealed class ArithmeticTests
{
    [Theory]
    [InlineData("1 + 2 * 3", 7, 1)]
    [InlineData("(1 + 2) * 3", 9, 1)]
    [InlineData("7 / 2", 7, 2)]
    [InlineData("-3 - -4", 1, 1)]
    [InlineData("0.1 + 0.2", 3, 10)]
    [InlineData("15% * 80", 12, 1)]
    [InlineData("12 × 4 ÷ 6 − 1", 7, 1)]
    [InlineData("2 * (3 + (4 - 1)) / 4", 3, 1)]
    public void An_expression_comes_to_its_value(string text, int over, int under) =>
        Assert.Equal((new BigInteger(over), new BigInteger(under)), Arithmetic.Value(text));

    [Theory]
    [InlineData("")]
    [InlineData("1 +")]
    [InlineData("(1")]
    [InlineData("1)")]
    [InlineData("1..2")]
    [InlineData(".")]
    [InlineData("2 / 0")]
    [InlineData("x + 1")]
    [InlineData("1 2a")]
    public void What_is_no_expression_is_refused(string text) =>
        Assert.Throws<FormatException>(() => Arithmetic.Value(text));

    [Fact]
    public void Deep_and_long_expressions_are_refused()
    {
        Assert.Throws<FormatException>(() => Arithmetic.Value(new string('(', 400) + "1" + new string(')', 400)));
        Assert.Throws<FormatException>(() => Arithmetic.Value(new string('1', 2000)));
    }

    [Fact]
    public void Random_expressions_agree_with_decimals()
    {
        var random = new Random(3);
        for (int i = 0; i < 2000; i++)
        {
            int a = random.Next(1, 1000), b = random.Next(1, 1000), c = random.Next(1, 100);
            decimal expected = ((decimal)a + b) * c - a;
            var (over, under) = Arithmetic.Value(string.Create(CultureInfo.InvariantCulture, $"({a}+{b})*{c}-{a}"));
            Assert.Equal(expected, (decimal)over / (decimal)under);
        }
    }
}
