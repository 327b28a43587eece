namespace Causerie.Chat.Tests;

public sealed class SamplingOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => SamplingOptions.ModelDefault.Validate();

    [Theory]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_temperature_out_of_range_is_refused_by_name(double temperature)
    {
        var error = Assert.Throws<ChatException>(() => new SamplingOptions { Temperature = temperature }.Validate());
        Assert.Equal("temperature", error.Field);
        Assert.Equal(ChatErrorKind.InvalidRequest, error.Kind);
    }
}
